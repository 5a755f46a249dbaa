package registry

// knowledgeEntities are documents, articles, checklists, tags and user-defined fields.
func knowledgeEntities() []Entity {
	return []Entity{
		{
			Name: "ArticleAttachments", Singular: "ArticleAttachment", Verbs: readOnly,
			Parent: "KnowledgeBaseArticles", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("KnowledgeBaseArticles"), Partial: true,
		},
		{
			Name: "ArticleConfigurationItemCategoryAssociations", Singular: "ArticleConfigurationItemCategoryAssociation", Verbs: readOnly,
			Parent: "KnowledgeBaseArticles", Child: "ConfigurationItemCategoryAssociations", ParentField: "articleID", ChildVerbs: childLink,
		},
		{
			Name: "ArticleNotes", Singular: "ArticleNote", Verbs: readOnly,
			Parent: "KnowledgeBaseArticles", Child: "Notes", ParentField: "articleID", ChildVerbs: childDeletable, ParentFrom: Peer,
		},
		{
			Name: "ArticlePlainTextContent", Singular: "ArticlePlainTextContent", Verbs: readOnly,
			Parent: "KnowledgeBaseArticles", Child: "PlainTextContent", ParentField: "articleID", ChildVerbs: childUpdatable,
		},
		{
			Name: "ArticleTagAssociations", Singular: "ArticleTagAssociation", Verbs: readOnly,
			Parent: "KnowledgeBaseArticles", Child: "TagAssociations", ParentField: "articleID", ChildVerbs: childLink,
		},
		{
			Name: "ArticleTicketAssociations", Singular: "ArticleTicketAssociation", Verbs: readOnly,
			Parent: "KnowledgeBaseArticles", Child: "TicketAssociations", ParentField: "articleID", ChildVerbs: childLink,
		},
		{
			Name: "ArticleToArticleAssociations", Singular: "ArticleToArticleAssociation", Verbs: readOnly,
			Parent: "KnowledgeBaseArticles", Child: "ArticleAssociations", ParentField: "articleID", ChildVerbs: childLink,
		},
		{
			Name: "ArticleToDocumentAssociations", Singular: "ArticleToDocumentAssociation", Verbs: readOnly,
			Parent: "KnowledgeBaseArticles", Child: "DocumentAssociations", ParentField: "articleID", ChildVerbs: childLink,
		},
		{Name: "ChecklistLibraries", Singular: "ChecklistLibrary", Verbs: deletable},
		{
			Name: "ChecklistLibraryChecklistItems", Singular: "ChecklistLibraryChecklistItem", Verbs: readOnly,
			Parent: "ChecklistLibraries", Child: "ChecklistItems", ParentField: "checklistLibraryID", ChildVerbs: childDeletable,
		},
		{
			Name: "DocumentAttachments", Singular: "DocumentAttachment", Verbs: readOnly,
			Parent: "Documents", Child: "Attachments", ParentField: "parentID", ChildVerbs: attachments,
			Fields: attachmentFields("Documents"), Partial: true,
		},
		{Name: "DocumentCategories", Singular: "DocumentCategory", Verbs: deletable},
		{
			Name: "DocumentChecklistItems", Singular: "DocumentChecklistItem", Verbs: readOnly,
			Parent: "Documents", Child: "ChecklistItems", ParentField: "documentID", ChildVerbs: childDeletable,
		},
		{
			Name: "DocumentChecklistLibraries", Singular: "DocumentChecklistLibrary", Verbs: Info | Create,
			Parent: "Documents", Child: "ChecklistLibraries", ParentField: "documentID", ChildVerbs: childAction,
		},
		{
			Name: "DocumentConfigurationItemAssociations", Singular: "DocumentConfigurationItemAssociation", Verbs: readOnly,
			Parent: "Documents", Child: "ConfigurationItemAssociations", ParentField: "documentID", ChildVerbs: childLink,
		},
		{
			Name: "DocumentConfigurationItemCategoryAssociations", Singular: "DocumentConfigurationItemCategoryAssociation", Verbs: readOnly,
			Parent: "Documents", Child: "ConfigurationItemCategoryAssociations", ParentField: "documentID", ChildVerbs: childLink,
		},
		{
			Name: "DocumentNotes", Singular: "DocumentNote", Verbs: readOnly,
			Parent: "Documents", Child: "Notes", ParentField: "documentID", ChildVerbs: childDeletable,
		},
		{
			Name: "DocumentPlainTextContent", Singular: "DocumentPlainTextContent", Verbs: readOnly,
			Parent: "Documents", Child: "PlainTextContent", ParentField: "documentID", ChildVerbs: childUpdatable,
		},
		{
			Name: "DocumentTagAssociations", Singular: "DocumentTagAssociation", Verbs: readOnly,
			Parent: "Documents", Child: "TagAssociations", ParentField: "documentID", ChildVerbs: childLink,
		},
		{
			Name: "DocumentTicketAssociations", Singular: "DocumentTicketAssociation", Verbs: readOnly,
			Parent: "Documents", Child: "TicketAssociations", ParentField: "documentID", ChildVerbs: childLink,
		},
		{
			Name: "DocumentToArticleAssociations", Singular: "DocumentToArticleAssociation", Verbs: readOnly,
			Parent: "Documents", Child: "ArticleAssociations", ParentField: "documentID", ChildVerbs: childLink,
		},
		{
			Name: "DocumentToDocumentAssociations", Singular: "DocumentToDocumentAssociation", Verbs: readOnly,
			Parent: "Documents", Child: "DocumentAssociations", ParentField: "documentID", ChildVerbs: childLink, ParentFrom: Peer,
		},
		{
			Name: "Documents", Singular: "Document", Verbs: readOnly,
			Parent: "DocumentCategories", Child: "Documents", ParentField: "documentCategoryID", ChildVerbs: childDeletable, ParentFrom: Peer,
		},
		{
			Name: "KnowledgeBaseArticles", Singular: "KnowledgeBaseArticle", Verbs: readOnly,
			Parent: "KnowledgeBaseCategories", Child: "KnowledgeBaseArticles", ParentField: "articleCategoryID", ChildVerbs: childDeletable, ParentFrom: Peer,
		},
		{Name: "KnowledgeBaseCategories", Singular: "KnowledgeBaseCategory", Verbs: deletable},
		{
			Name: "TagAliases", Singular: "TagAlias", Verbs: readOnly,
			Parent: "Tags", Child: "Aliases", ParentField: "tagID", ChildVerbs: childLink,
		},
		{Name: "TagGroups", Singular: "TagGroup", Verbs: deletable},
		{Name: "Tags", Singular: "Tag", Verbs: deletable},
		{Name: "UserDefinedFieldDefinitions", Singular: "UserDefinedFieldDefinition", Verbs: writable, Fields: userDefinedFieldDefinitionFields()},
		{
			Name: "UserDefinedFieldListItems", Singular: "UserDefinedFieldListItem", Verbs: readOnly,
			Parent: "UserDefinedFields", Child: "ListItems", ParentField: "udfFieldId", ChildVerbs: childWritable, ParentFrom: Peer,
			Fields: userDefinedFieldListItemFields(),
		},
	}
}
