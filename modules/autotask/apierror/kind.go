package apierror

import (
	"net/http"

	"github.com/holdfast-go/holdfast/modules/circuitbreaker"
)

// Kind is the class of an error: the label of metrics, and what its consequences are looked up by.
type Kind uint8

// The kinds, one for each error type.
const (
	NotFound Kind = iota + 1
	Validation
	Method
	Usage
	Protocol
	Auth
	UnknownUser
	Permission
	ThreadLimit
	RateLimit
	Busy
	Server
	Network
)

// traits is a row of the table in the package comment.
type traits struct {
	label     string
	transient bool
	outcome   circuitbreaker.Outcome
	status    int    // as a caller of a service built on Autotask sees it
	detail    string // what such a caller may read
}

func (k Kind) traits() traits {
	switch k {
	case NotFound:
		return traits{"not_found", false, circuitbreaker.Success, http.StatusNotFound, "Autotask has no such record."}
	case Validation:
		return traits{
			"validation", false, circuitbreaker.Success, http.StatusUnprocessableEntity, "Autotask refused the record.",
		}
	case Method:
		return traits{
			"method", false, circuitbreaker.Success, http.StatusInternalServerError,
			"The service called Autotask in a way that Autotask does not support.",
		}
	case Usage:
		return traits{
			"usage", false, circuitbreaker.Success, http.StatusInternalServerError,
			"The service called an address that Autotask does not have.",
		}
	case Protocol:
		return traits{
			"protocol", false, circuitbreaker.Success, http.StatusBadGateway,
			"Autotask answered in a way that the service does not understand.",
		}
	case Auth:
		return traits{
			"auth", false, circuitbreaker.Excluded, http.StatusBadGateway,
			"Autotask refused the credentials of the service.",
		}
	case UnknownUser:
		return traits{
			"unknown_user", false, circuitbreaker.Excluded, http.StatusBadGateway,
			"Autotask does not know the API user of the service.",
		}
	case Permission:
		return traits{
			"permission", false, circuitbreaker.Success, http.StatusBadGateway,
			"The Autotask user of the service lacks the permission for this.",
		}
	case ThreadLimit:
		return traits{
			"thread_limit", true, circuitbreaker.Excluded, http.StatusServiceUnavailable,
			"Autotask is busy with other requests of the service.",
		}
	case RateLimit:
		return traits{
			"rate_limit", true, circuitbreaker.Excluded, http.StatusServiceUnavailable,
			"The hourly request limit of Autotask is used up.",
		}
	case Busy:
		return traits{
			"busy", true, circuitbreaker.Failure, http.StatusServiceUnavailable, "Autotask is busy with this record.",
		}
	case Server:
		return traits{
			"server", true, circuitbreaker.Failure, http.StatusBadGateway, "Autotask is out of order.",
		}
	case Network:
		return traits{
			"network", true, circuitbreaker.Failure, http.StatusBadGateway, "Autotask cannot be reached.",
		}
	default:
		return traits{
			"unknown", false, circuitbreaker.Failure, http.StatusInternalServerError, "The call of Autotask failed.",
		}
	}
}

// String is the name of the kind in lower snake case, as metrics show it.
func (k Kind) String() string { return k.traits().label }
