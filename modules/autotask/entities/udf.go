package entities

// UserDefinedField is one of a tenant's own fields. Its value travels as text whatever its type is; null is no value.
type UserDefinedField struct {
	Name  string           `json:"name"`
	Value Optional[string] `json:"value"`
}

// UserDefinedFields are the user-defined fields of a record, in the order of the answer. A nil slice is not sent.
type UserDefinedFields []UserDefinedField

// Get is the value of the field of that name, matched exactly, and whether it has one.
func (u UserDefinedFields) Get(name string) (string, bool) {
	for _, f := range u {
		if f.Name == name {
			return f.Value.Get()
		}
	}
	return "", false
}
