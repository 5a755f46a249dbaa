package seed

import "github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/record"

// contractRows is how many rows a contract is: itself and two services.
const contractRows = 3

func (s *seeder) contract(c *customer) {
	r := s.row("Contracts").set("companyID", c.id).set("contactID", s.contactOf(c)).
		set("contractName", "Managed Services").set("contractType", int64(7)).set("contractCategory", int64(1)).
		set("contractPeriodType", int64(2)).set("status", int64(1)).set("startDate", historyStart).
		set("endDate", historyStart+record.Stamp(3*365)*day).set("isCompliant", true).set("isDefaultContract", true).
		set("billingPreference", int64(2)).set("serviceLevelAgreementID", int64(1)).
		set("timeReportingRequiresStartAndStopTimes", int64(0)).set("setupFee", float64(100*s.IntN(20)))
	if s.chance(2) {
		r.setUDF(udfNotice, 30.0)
	}
	id := r.insert()
	c.contract = id
	for i := range contractRows - 1 {
		price := float64(12 + 10*i)
		s.row("ContractServices").set("contractID", id).set("serviceID", int64(1+(i+s.IntN(2)*2)%services)).
			set("unitPrice", price).set("unitCost", price/2).set("internalCurrencyUnitPrice", price).
			set("invoiceDescription", "Managed service, monthly").insert()
	}
}
