package contract_test

// Texts that clients of the real API have reported, letter by letter.
const (
	textUnknownUser  = "Zone information could not be determined"
	textBadCode      = "IntegrationCode is invalid."
	textTooManyOr    = "Invalid query syntax. Queries are limited to 500 or fewer 'OR' conditions."
	textNoQueryModel = "Value cannot be null. Parameter name: queryModel"
	textRolePair     = "When assigning a Resource, you must assign both a assignedResourceID and assignedResourceRoleID."
	textNoDelete     = "No message. No matching records found. The logged in Resource may not have the required permissions to delete the data."
	textThreads      = "The Autotask API thread threshold of 3 threads has been exceeded. Method: getThresholdAndUsageInfo"
	textNoTicketName = "Unable to find notAField in the Ticket Entity."
	textNoContact    = "Reference value on field: contactID of type: Contact does not exist or is invalid."
	textNoStatus     = "Value does not reference an existing entity for status . "
	textNotAllowed   = "The requested resource does not support http method '%s'."
	textNoPermission = "The logged in Resource does not have the adequate permissions"
)
