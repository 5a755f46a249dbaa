package registry

// contractEntities are contracts, services and subscriptions.
func contractEntities() []Entity {
	return []Entity{
		{Name: "ChangeOrderCharges", Singular: "ChangeOrderCharge", Verbs: deletable},
		{
			Name: "ContractBillingRules", Singular: "ContractBillingRule", Verbs: readOnly,
			Parent: "Contracts", Child: "BillingRules", ParentField: "contractID", ChildVerbs: childDeletable,
		},
		{
			Name: "ContractBlockHourFactors", Singular: "ContractBlockHourFactor", Verbs: readOnly,
			Parent: "Contracts", Child: "BlockHourFactors", ParentField: "contractID", ChildVerbs: childWritable,
		},
		{
			Name: "ContractBlocks", Singular: "ContractBlock", Verbs: readOnly,
			Parent: "Contracts", Child: "Blocks", ParentField: "contractID", ChildVerbs: childWritable,
		},
		{
			Name: "ContractCharges", Singular: "ContractCharge", Verbs: readOnly,
			Parent: "Contracts", Child: "Charges", ParentField: "contractID", ChildVerbs: childDeletable,
			Fields: contractChargeFields(),
		},
		{
			Name: "ContractExclusionBillingCodes", Singular: "ContractExclusionBillingCode", Verbs: readOnly,
			Parent: "Contracts", Child: "ExclusionBillingCodes", ParentField: "contractID", ChildVerbs: childLink,
		},
		{
			Name: "ContractExclusionRoles", Singular: "ContractExclusionRole", Verbs: readOnly,
			Parent: "Contracts", Child: "ExclusionRoles", ParentField: "contractID", ChildVerbs: childLink,
		},
		{
			Name: "ContractExclusionSetExcludedRoles", Singular: "ContractExclusionSetExcludedRole", Verbs: readOnly,
			Parent: "ContractExclusionSets", Child: "ExcludedRoles", ParentField: "contractExclusionSetID", ChildVerbs: childLink,
		},
		{
			Name: "ContractExclusionSetExcludedWorkTypes", Singular: "ContractExclusionSetExcludedWorkType", Verbs: readOnly,
			Parent: "ContractExclusionSets", Child: "ExcludedWorkTypes", ParentField: "contractExclusionSetID", ChildVerbs: childLink,
		},
		{Name: "ContractExclusionSets", Singular: "ContractExclusionSet", Verbs: deletable},
		{
			Name: "ContractMilestones", Singular: "ContractMilestone", Verbs: readOnly,
			Parent: "Contracts", Child: "Milestones", ParentField: "contractID", ChildVerbs: childWritable,
		},
		{
			Name: "ContractNoteAttachments", Singular: "ContractNoteAttachment", Verbs: readOnly,
			Parent: "ContractNotes", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("ContractNotes"), Partial: true,
		},
		{
			Name: "ContractNotes", Singular: "ContractNote", Verbs: readOnly,
			Parent: "Contracts", Child: "Notes", ParentField: "contractID", ChildVerbs: childWritable,
			Impersonation: true,
			Fields:        contractNoteFields(),
		},
		{
			Name: "ContractRates", Singular: "ContractRate", Verbs: readOnly,
			Parent: "Contracts", Child: "Rates", ParentField: "contractID", ChildVerbs: childWritable,
		},
		{
			Name: "ContractRetainers", Singular: "ContractRetainer", Verbs: readOnly,
			Parent: "Contracts", Child: "Retainers", ParentField: "contractID", ChildVerbs: childWritable,
		},
		{
			Name: "ContractRoleCosts", Singular: "ContractRoleCost", Verbs: readOnly,
			Parent: "Contracts", Child: "RoleCosts", ParentField: "contractID", ChildVerbs: childWritable,
		},
		{
			Name: "ContractServiceAdjustments", Singular: "ContractServiceAdjustment", Verbs: Info | Create,
			Parent: "Contracts", Child: "ServiceAdjustments", ParentField: "contractID", ChildVerbs: childAction,
		},
		{
			Name: "ContractServiceBundleAdjustments", Singular: "ContractServiceBundleAdjustment", Verbs: Info | Create,
			Parent: "Contracts", Child: "ServiceBundleAdjustments", ParentField: "contractID", ChildVerbs: childAction,
		},
		{
			Name: "ContractServiceBundleUnits", Singular: "ContractServiceBundleUnit", Verbs: readOnly,
			Parent: "Contracts", Child: "ServiceBundleUnits", ParentField: "contractID", ChildVerbs: childReadOnly,
		},
		{
			Name: "ContractServiceBundles", Singular: "ContractServiceBundle", Verbs: readOnly,
			Parent: "Contracts", Child: "ServiceBundles", ParentField: "contractID", ChildVerbs: childWritable,
		},
		{
			Name: "ContractServiceUnits", Singular: "ContractServiceUnit", Verbs: readOnly,
			Parent: "Contracts", Child: "ServiceUnits", ParentField: "contractID", ChildVerbs: childReadOnly,
		},
		{
			Name: "ContractServices", Singular: "ContractService", Verbs: readOnly,
			Parent: "Contracts", Child: "Services", ParentField: "contractID", ChildVerbs: childWritable,
			Fields: contractServiceFields(),
		},
		{
			Name: "ContractTicketPurchases", Singular: "ContractTicketPurchase", Verbs: readOnly,
			Parent: "Contracts", Child: "TicketPurchases", ParentField: "contractID", ChildVerbs: childWritable,
		},
		{Name: "Contracts", Singular: "Contract", Verbs: writable, UDFs: 50, Fields: contractFields()},
		{
			Name: "ServiceBundleServices", Singular: "ServiceBundleService", Verbs: readOnly,
			Parent: "ServiceBundles", Child: "Services", ParentField: "serviceBundleID", ChildVerbs: childLink,
		},
		{Name: "ServiceBundles", Singular: "ServiceBundle", Verbs: deletable},
		{Name: "Services", Singular: "Service", Verbs: writable, Fields: serviceFields()},
		{
			Name: "SubscriptionPeriods", Singular: "SubscriptionPeriod", Verbs: readOnly,
			Parent: "Subscriptions", Child: "Periods", ParentField: "subscriptionID", ChildVerbs: childReadOnly,
		},
		{Name: "Subscriptions", Singular: "Subscription", Verbs: deletable, UDFs: 100, Impersonation: true},
	}
}
