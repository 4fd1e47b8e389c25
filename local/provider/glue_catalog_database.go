package provider

import "ingest-pipeline/local/aws/awserr"

type catalogDatabase struct {
	Name        string
	CatalogID   string
	Description string
	LocationURI string
	Parameters  map[string]string
	Tags        map[string]string
}

const catalogDatabaseToken = "aws:glue/catalogDatabase:CatalogDatabase"

// noUpperCase is documented: Athena, Names for tables, databases, and columns (terraform-provider-aws has the same rule).
var noUpperCase = pattern(`^[^A-Z]{1,255}$`, "1 to 255 characters, none in upper case")

func glueCatalogDatabase() resourceType {
	return define(resourceType{
		token: catalogDatabaseToken,
		inputs: properties{
			"name":                          text(computed, replaces, noUpperCase),
			"catalogId":                     text(computed, replaces),
			"description":                   text(length(0, 2048), inert(nothingThere)),
			"locationUri":                   text(computed, inert(nothingThere)),
			"parameters":                    mapping(text(), inert(nothingThere)),
			"createTableDefaultPermissions": rejected("there is no Lake Formation"),
			"federatedDatabase":             rejected("there are no other catalogs"),
			"targetDatabase":                rejected("there are no other catalogs"),
			"tags":                          tags(),
		},
		outputs: []string{"arn"},
		naming:  &naming{property: "name", longest: 255},
	}, stored[catalogDatabase]{
		token: catalogDatabaseToken, notFound: "EntityNotFoundException",
		create: func(s services, d catalogDatabase) (string, catalogDatabase, error) {
			id := s.Account.ID + ":" + d.Name
			return id, d, checkCatalog(s, &d.CatalogID)
		},
		taken: func(services, string) error {
			return awserr.New("AlreadyExistsException", 400, "Database already exists.")
		},
		// documented: glue, DeleteDatabase: a database's tables are deleted with it.
		delete: func(s services, _ string, d catalogDatabase) error {
			return deleteStored(s.store, catalogTableToken, func(t catalogTable) bool { return t.DatabaseName == d.Name })
		},
		attributes: func(s services, _ string, d catalogDatabase) (state, error) {
			return state{"arn": s.Account.ARN("glue", "database/"+d.Name)}, nil
		},
	}.operations())
}

// checkCatalog refuses a Data Catalog of another account. An empty id becomes the account's own.
func checkCatalog(s services, id *string) error {
	if *id == "" {
		*id = s.Account.ID
	}
	if *id != s.Account.ID {
		return awserr.New("EntityNotFoundException", 400, "Catalog %s not found.", *id)
	}
	return nil
}
