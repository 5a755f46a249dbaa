package simulator

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/wire"
)

// unauthenticated answers what needs no credentials, in any zone, and counts against no limit; ok is false for
// everything else.
func (s *Simulator) unauthenticated(v *visit) (a wire.Answer, ok bool) {
	switch {
	case strings.EqualFold(v.Service, "versionInformation"):
		return getOnly(v.Call, func() wire.Answer { return wire.JSON([]byte(`{"apiVersions":["1.0"]}`)) }), true
	case len(v.Segments) == 1 && strings.EqualFold(v.Segments[0], "zoneInformation"):
		return getOnly(v.Call, func() wire.Answer { return s.zoneInformation(v) }), true
	case len(v.Segments) == 0:
		return v.NotFound(), true
	default:
		return wire.Answer{}, false
	}
}

func getOnly(c *wire.Call, answer func() wire.Answer) wire.Answer {
	if !c.Is(http.MethodGet) {
		return c.NotAllowed()
	}
	return answer()
}

// zoneInformation tells a user's zone; the url has no version segment, as the real one. That ci is the number of the
// zone is a guess.
func (s *Simulator) zoneInformation(v *visit) wire.Answer {
	if !strings.EqualFold(v.Param("user"), s.cfg.Username) {
		return wire.Failure(wire.TextUnknownUser).Misusing("unknown_user")
	}
	zone, origin := s.zones.current(), s.zones.origin(v)
	body := wire.AppendString([]byte(`{"zoneName":`), zoneName(zone))
	body = wire.AppendString(append(body, `,"url":`...), origin+"/ATServicesRest/")
	body = wire.AppendString(append(body, `,"webUrl":`...), strings.Replace(origin, "//webservices", "//ww", 1)+"/")
	body = strconv.AppendInt(append(body, `,"ci":`...), int64(zone), 10)
	return wire.JSON(append(body, '}'))
}

// elsewhere refuses a call to a zone that the tenant does not live in. It is no misuse, nor is the same call again:
// several that are in flight while the tenant moves cannot know.
func (s *Simulator) elsewhere(v *visit) (a wire.Answer, refused bool) {
	if s.zones.entered(v) != s.zones.current() {
		return unauthorized(), true
	}
	if v.port == byHost && ofAutotask(hostOf(v.Origin)) {
		v.Origin = s.zones.origin(v) // links name the zone also where the call went to webservices.autotask.net
	}
	return wire.Answer{}, false
}

// authenticate refuses wrong credentials: 401 with nothing in it, as the real one.
func (s *Simulator) authenticate(v *visit) (a wire.Answer, refused bool) {
	secret := first(v.Header, "Secret")
	known := subtle.ConstantTimeCompare([]byte(secret), []byte(s.cfg.Secret.Reveal())) == 1
	a = unauthorized()
	switch {
	case !strings.EqualFold(first(v.Header, "Username"), s.cfg.Username):
		a.Detail = "the header UserName does not name the API user"
	case !known:
		a.Detail = "the header Secret is wrong"
	case slices.Contains(s.cfg.IntegrationCodes, v.Code):
		return wire.Answer{}, false
	default:
		if s.cfg.BadCodeStatus != http.StatusUnauthorized {
			a = wire.Failure(wire.TextBadCode).Because(wire.Unauthorized)
		}
		a.Detail = "the header ApiIntegrationCode is none that is accepted"
	}
	v.refused = true
	return a.Misusing("bad_credentials"), true
}

func unauthorized() wire.Answer {
	return wire.Answer{Status: http.StatusUnauthorized, Cause: wire.Unauthorized}
}

// first returns a header by its canonical name.
func first(h http.Header, name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}
