package registry

// ticketCategoryFields are the 7 fields of a TicketCategory.
func ticketCategoryFields() []Field {
	return sourced(Guess, []Field{
		{Name: "id", Type: Int64, ReadOnly: true},
		{Name: "displayColorRGB", Type: Int32, PickList: true},
		{Name: "isActive", Type: Boolean},
		{Name: "isApiOnly", Type: Boolean, ReadOnly: true},
		{Name: "isGlobalDefault", Type: Boolean},
		{Name: "name", Type: String, Required: true, Length: 30},
		{Name: "nickname", Type: String, Length: 3},
	})
}
