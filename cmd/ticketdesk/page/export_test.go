package page

func Encode(list string, id int64) string { return encode(list, id) }

func Decode(list, cursor string) (int64, error) { return decode(list, cursor) }
