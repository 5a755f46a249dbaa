package simulator

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
)

// unauthenticated answers what needs no credentials and counts against no limit; ok is false for everything else.
func (s *Simulator) unauthenticated(c *call) (a answer, ok bool) {
	switch {
	case strings.EqualFold(c.service, "versionInformation"):
		return s.get(c, jsonAnswer([]byte(`{"apiVersions":["1.0"]}`))), true
	case len(c.segments) == 1 && strings.EqualFold(c.segments[0], "zoneInformation"):
		return s.get(c, s.zoneInformation(c)), true
	case len(c.segments) == 0:
		return c.notFound(), true
	default:
		return answer{}, false
	}
}

func (s *Simulator) get(c *call, a answer) answer {
	if !c.is(http.MethodGet) {
		return c.notAllowed()
	}
	return a
}

// zoneInformation tells a user's zone; the url has no version segment, as the real one.
func (s *Simulator) zoneInformation(c *call) answer {
	if !strings.EqualFold(c.query("user"), s.cfg.Username) {
		return failure(textUnknownUser)
	}
	body := appendString([]byte(`{"zoneName":"America West","url":`), c.origin+"/ATServicesRest/")
	body = appendString(append(body, `,"webUrl":`...), strings.Replace(c.origin, "webservices", "ww", 1)+"/")
	return jsonAnswer(append(body, `,"ci":5}`...))
}

// authenticate refuses wrong credentials: 401 with nothing in it, as the real one.
func (s *Simulator) authenticate(c *call) (a answer, refused bool) {
	user := strings.EqualFold(c.header.Get("UserName"), s.cfg.Username)
	secret := subtle.ConstantTimeCompare([]byte(c.header.Get("Secret")), []byte(s.cfg.Secret.Reveal())) == 1
	switch {
	case !user || !secret:
		return answer{status: http.StatusUnauthorized, cause: causeAuth}, true
	case slices.Contains(s.cfg.IntegrationCodes, c.code):
		return answer{}, false
	case s.cfg.BadCodeStatus == http.StatusUnauthorized:
		return answer{status: http.StatusUnauthorized, cause: causeAuth}, true
	default:
		return failure(textBadCode).because(causeAuth), true
	}
}
