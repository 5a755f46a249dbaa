package hook

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"
)

// deactivated is the Action of the call to deactivationUrl, as two clients have it.
const deactivated = "Deactivated"

// entityType is what a payload calls an entity: the registry's singular, but for two that keep the names of the SOAP API,
// as one client's notes have it.
func entityType(singular string) string {
	switch singular {
	case "Company":
		return "Account"
	case "ConfigurationItem":
		return "InstalledProduct"
	default:
		return singular
	}
}

// payload is what a receiver is sent, in this order.
type payload struct {
	Action         string         `json:"Action"`
	GUID           string         `json:"Guid"`
	EntityType     string         `json:"EntityType"`
	ID             int64          `json:"Id"`
	Fields         map[string]any `json:"Fields"`
	EventTime      string         `json:"EventTime"`
	SequenceNumber int64          `json:"SequenceNumber"`
	PersonID       int64          `json:"PersonID"`
}

// encode returns the body of a call. Only what JSON demands is escaped in it, so that the escaped form that is signed
// differs from what is sent, as with the real API.
func (p payload) encode() string {
	var body strings.Builder
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return "" // no value of a record does that, see shown
	}
	return strings.TrimSuffix(body.String(), "\n")
}

// eventTime is t as a payload tells it.
func eventTime(t time.Time) string { return t.UTC().Format(record.StampLayout) + "Z" }

// shown is a value in the form in which the entity shows it: moments without a zone, numbers without an exponent,
// values of user-defined fields as text.
func shown(c record.Column, v any) any {
	switch value := v.(type) {
	case record.Stamp:
		return time.UnixMilli(int64(value)).UTC().Format(record.StampLayout)
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return nil
		}
		return number(c, strconv.FormatFloat(value, 'f', -1, 64))
	case int64:
		return number(c, strconv.FormatInt(value, 10))
	case bool:
		if c.UDF {
			return strconv.FormatBool(value)
		}
	}
	return v
}

func number(c record.Column, digits string) any {
	if c.UDF {
		return digits
	}
	return json.Number(digits)
}
