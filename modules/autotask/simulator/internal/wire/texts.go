package wire

import "fmt"

// Texts that clients of the real API have reported, letter by letter.
const (
	TextUnknownUser  = "Zone information could not be determined"
	TextBadCode      = "IntegrationCode is invalid."
	TextTooManyOr    = "Invalid query syntax. Queries are limited to 500 or fewer 'OR' conditions."
	TextNoQueryModel = "Value cannot be null. Parameter name: queryModel"
	TextRolePair     = "When assigning a Resource, you must assign both a assignedResourceID and assignedResourceRoleID."
	TextNoDelete     = "No message. No matching records found. The logged in Resource may not have the required permissions to delete the data."
	TextThreads      = "The Autotask API thread threshold of %d threads has been exceeded. Method: getThresholdAndUsageInfo"
	TextUnknownField = "Unable to find %s in the %s Entity."
	TextNoPick       = "Value does not reference an existing entity for %s . "
	TextNoReference  = "Reference value on field: %s of type: %s does not exist or is invalid."
)

// TextNoPermission begins with what was reported; the words after "permissions" are ours.
const TextNoPermission = "The logged in Resource does not have the adequate permissions to %s %s records."

// Texts of our own: that the real API refuses these is known, its words are not.
const (
	TextHourly       = "The external request threshold of %d requests in %d minutes has been exceeded."
	TextEmptyFilter  = "Invalid query syntax. At least one filter condition is required."
	TextBadQuery     = "Invalid query syntax. %s"
	TextTwoUDF       = "Invalid query syntax. Only one user-defined field condition is allowed per query."
	TextMaxRecords   = "Invalid query syntax. MaxRecords must be between 1 and 500."
	TextBadToken     = "The paging token is invalid or belongs to another query."
	TextMissingField = "Missing Required Field: %s."
	TextTooLong      = "The value of field: %s exceeds the maximum length of %d characters."
	TextBadValue     = "The value of field: %s is not a valid %s."
	TextIDOnCreate   = "The value of field: id must be 0 or omitted when a record is created."
	TextNoID         = "The field id is required to update a record."
	TextNoUpdate     = "No message. No matching records found. The logged in Resource may not have the required permissions to update the data."
	TextBadBody      = "The request body is not a JSON object: %s"
)

// TextDeadlock is how SQL Server words it that a write has lost against another. That Autotask's writes fail by lock
// contention is known, that these words come through is a guess.
const TextDeadlock = "Transaction (Process ID 61) was deadlocked on lock resources with another process and has been " +
	"chosen as the deadlock victim. Rerun the transaction."

// TextExecution is ours: that the server gives up after five minutes is known.
const TextExecution = "The execution of the request was aborted because it took longer than 5 minutes."

// Text fills in a text.
func Text(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// Texts about impersonation, of our own: that an entity without it and an unknown resource are refused is known.
const (
	TextNoImpersonation  = "Impersonation is not supported for the %s Entity."
	TextBadImpersonation = "The value of header: ImpersonationResourceId does not reference an existing, active Resource."
)

// Texts about writes, of our own: that the real API refuses these is known, its words are not. It ignores fields that are
// read-only, or refuses them: which, is not known.
const (
	TextReadOnly   = "The field: %s is read-only."
	TextNoChange   = "The value of field: %s cannot be changed."
	TextUnknownUDF = "Unable to find the user-defined field %s in the %s Entity."
	TextUDFTwice   = "The user-defined field %s exists already in the %s Entity."
	TextUDFLimit   = "The limit of %d active user-defined fields of the %s Entity is reached."
)

// Texts about webhooks, of our own: that the first three are refused is known, the others are a guess altogether.
const (
	TextWebhookInactive  = "A webhook can be activated only when it has at least one subscribed field."
	TextWebhookDuplicate = "The webhook with id %d calls the same URL for the same type of event already."
	TextWebhookLimit     = "The maximum number of webhooks, %d, has been reached."
	TextWebhookLastField = "An active webhook must keep at least one subscribed field."
	TextWebhookTwice     = "The webhook has the %s %d already."
)

// Texts about attachments, of our own: that the real API refuses these is known, its words are not.
const (
	TextFileTooLarge = "The attachment exceeds the maximum size of %d bytes."
	TextFileVolume   = "More than %d bytes of attachments were added in %d minutes. No attachment can be added for %d minutes."
)
