package simulator

import "fmt"

// Texts that clients of the real API have reported, letter by letter.
const (
	textUnknownUser  = "Zone information could not be determined"
	textBadCode      = "IntegrationCode is invalid."
	textTooManyOr    = "Invalid query syntax. Queries are limited to 500 or fewer 'OR' conditions."
	textNoQueryModel = "Value cannot be null. Parameter name: queryModel"
	textRolePair     = "When assigning a Resource, you must assign both a assignedResourceID and assignedResourceRoleID."
	textNoDelete     = "No message. No matching records found. The logged in Resource may not have the required permissions to delete the data."
	textThreads      = "The Autotask API thread threshold of %d threads has been exceeded. Method: getThresholdAndUsageInfo"
	textUnknownField = "Unable to find %s in the %s Entity."
	textNoPick       = "Value does not reference an existing entity for %s . "
	textNoReference  = "Reference value on field: %s of type: %s does not exist or is invalid."
)

// Texts of our own: that the real API refuses these is known, its words are not.
const (
	textHourly       = "The external request threshold of %d requests in %d minutes has been exceeded."
	textEmptyFilter  = "Invalid query syntax. At least one filter condition is required."
	textBadQuery     = "Invalid query syntax. %s"
	textTwoUDF       = "Invalid query syntax. Only one user-defined field condition is allowed per query."
	textMaxRecords   = "Invalid query syntax. MaxRecords must be between 1 and 500."
	textBadToken     = "The paging token is invalid or belongs to another query."
	textMissingField = "Missing Required Field: %s."
	textTooLong      = "The value of field: %s exceeds the maximum length of %d characters."
	textBadValue     = "The value of field: %s is not a valid %s."
	textIDOnCreate   = "The value of field: id must be 0 or omitted when a record is created."
	textNoID         = "The field id is required to update a record."
	textNoUpdate     = "No message. No matching records found. The logged in Resource may not have the required permissions to update the data."
	textBadBody      = "The request body is not a JSON object: %s"
)

func text(format string, args ...any) string { return fmt.Sprintf(format, args...) }
