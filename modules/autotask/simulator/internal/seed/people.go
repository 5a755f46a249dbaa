package seed

import "strings"

// resources is how many people work for the tenant, or did: the last one has left.
const resources = 12

// firstRole is the id of the role that the API user has.
const firstRole = int64(29683396)

// member is somebody who works for the tenant. The ids are boxed, as rows want them.
type member struct{ id, role any }

// people makes roles and the resources that have them.
func (s *seeder) people() {
	roles := []string{"Engineer", "Senior Engineer", "Field Technician", "Project Manager", "Consultant", "Account Manager"}
	for i, name := range roles {
		s.row("Roles").set("name", name).set("description", name+" of the service desk").set("isActive", true).
			set("hourlyFactor", 1.0).set("hourlyRate", float64(95+15*i)).set("isExcludedFromNewContracts", false).
			set("isSystemRole", false).set("quoteItemDefaultTaxCategoryId", int64(3)).place(firstRole + int64(i))
	}
	for i := range resources {
		s.resource(i, firstRole+int64(i%len(roles)))
	}
}

func (s *seeder) resource(i int, role int64) {
	id, first, last, works := APIResource+int64(i), firstNames()[i], lastNames()[i], i < resources-1
	s.row("Resources").set("firstName", first).set("lastName", last).set("isActive", works).
		set("email", strings.ToLower(first+"."+last)+"@holdfast-demo.example").set("emailTypeCode", "PRIMARY").
		set("userName", strings.ToLower(first[:1]+last)).set("resourceType", "Employee").set("licenseType", int64(1)).
		set("payrollType", int64(1)).set("locationID", int64(1)).set("title", "Service Engineer").
		set("initials", first[:1]+last[:1]).set("officePhone", s.phone()).set("hireDate", historyStart-365*day).
		set("defaultServiceDeskRoleID", int64(i+1)).place(id)
	s.row("ResourceServiceDeskRoles").set("resourceID", id).set("roleID", role).set("isActive", works).
		set("isDefault", true).place(int64(i + 1))
	s.row("ResourceRoles").set("resourceID", id).set("roleID", role).set("isActive", works).insert()
	s.staff = append(s.staff, member{id, role})
}

// anyone is a resource.
func (s *seeder) anyone() member { return pick(s, s.staff) }

const digits = "0123456789"

// phone is a number that nobody has.
func (s *seeder) phone() string {
	text := []byte("(555) 01x-xxxx")
	for i, c := range text {
		if c == 'x' {
			text[i] = digits[s.IntN(len(digits))]
		}
	}
	return string(text)
}
