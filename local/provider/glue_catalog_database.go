package provider

import "ingest-pipeline/local/aws/awserr"

type catalogDatabaseInputs struct {
	Name        string            `json:"name"`
	CatalogID   string            `json:"catalogId"`
	Description string            `json:"description"`
	LocationURI string            `json:"locationUri"`
	Parameters  map[string]string `json:"parameters"`
	Tags        map[string]string `json:"tags"`
}

const catalogDatabaseToken = "aws:glue/catalogDatabase:CatalogDatabase"

// noUpperCase is documented: Athena, Names for tables, databases, and columns (terraform-provider-aws has the same rule).
var noUpperCase = pattern(`^[^A-Z]{1,255}$`, "1 to 255 characters, none in upper case")

func glueCatalogDatabase() resourceType {
	return alive(resourceType{
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
		takes: func(gone, other *record) bool {
			return other.Type == catalogTableToken && other.text("databaseName") == gone.text("name")
		},
	}, lifeOf[catalogDatabaseInputs]{
		put: func(s site, in catalogDatabaseInputs, was *record) (string, state, error) {
			if err := ownCatalog(s, in.CatalogID); err != nil {
				return "", nil, err
			}
			id := s.Account.ID + ":" + in.Name
			return id, state{
				"arn": s.Account.ARN("glue", "database/"+in.Name), "catalogId": s.Account.ID,
			}, vacant(s, catalogDatabaseToken, id, was, awserr.New("AlreadyExistsException", 400, "Database already exists."))
		},
		update: func(site, catalogDatabaseInputs, *record) (state, error) { return nil, nil },
		remove: func(site, catalogDatabaseInputs, *record) error { return nil },
	})
}

// ownCatalog refuses a Data Catalog of another account.
func ownCatalog(s site, catalog string) error {
	if catalog != "" && catalog != s.Account.ID {
		return awserr.New("EntityNotFoundException", 400, "Catalog %s not found.", catalog)
	}
	return nil
}
