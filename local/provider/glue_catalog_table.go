package provider

import "ingest-pipeline/local/aws/awserr"

type catalogTable struct {
	Name              string
	DatabaseName      string
	CatalogID         string
	Description       string
	Owner             string
	Parameters        map[string]string
	PartitionKeys     []catalogColumn
	Retention         int
	StorageDescriptor *storageDescriptor
	TableType         string
	ViewExpandedText  string
	ViewOriginalText  string
}

type catalogColumn struct {
	Name    string
	Type    string
	Comment string
}

type storageDescriptor struct {
	AdditionalLocations []string
	BucketColumns       []string
	Columns             []struct {
		Name       string
		Type       string
		Comment    string
		Parameters map[string]string
	}
	Compressed      bool
	InputFormat     string
	Location        string
	NumberOfBuckets int
	OutputFormat    string
	Parameters      map[string]string
	SerDeInfo       *struct {
		Name                 string
		Parameters           map[string]string
		SerializationLibrary string
	}
	SortColumns []struct {
		Column    string
		SortOrder int
	}
	StoredAsSubDirectories bool
}

const catalogTableToken = "aws:glue/catalogTable:CatalogTable"

func glueCatalogTable() resourceType {
	columns := properties{"name": text(required, length(1, 255)), "type": text(length(0, 131072)), "comment": text(length(0, 255))}
	return define(resourceType{
		token: catalogTableToken,
		inputs: properties{
			"name":                 text(computed, replaces, noUpperCase),
			"databaseName":         text(required, replaces),
			"catalogId":            text(computed, replaces),
			"description":          text(length(0, 2048), inert(nothingThere)),
			"owner":                text(length(0, 255), inert(nothingThere)),
			"parameters":           mapping(text(length(0, 512000)), inert(nothingThere)),
			"partitionKeys":        list(object(columns), computed, inert(nothingThere)),
			"retention":            integer(inert(nothingThere)),
			"storageDescriptor":    storageProperties(),
			"tableType":            text(inert(nothingThere)),
			"viewExpandedText":     text(length(0, 409600), inert(nothingThere)),
			"viewOriginalText":     text(length(0, 409600), inert(nothingThere)),
			"partitionIndices":     rejected("there are no partitions to look for"),
			"openTableFormatInput": rejected("there is no Iceberg"),
			"targetTable":          rejected("there are no other catalogs"),
		},
		outputs: []string{"arn"},
		naming:  &naming{property: "name", longest: 255},
	}, stored[catalogTable]{
		token: catalogTableToken, notFound: "EntityNotFoundException",
		create: func(s services, t catalogTable) (string, catalogTable, error) {
			database := s.Account.ID + ":" + t.DatabaseName
			err := checkCatalog(s, &t.CatalogID)
			if err == nil && !s.store.has(catalogDatabaseToken, database) {
				err = awserr.New("EntityNotFoundException", 400, "Database %s not found.", t.DatabaseName)
			}
			return database + ":" + t.Name, t, err
		},
		taken: func(services, string) error {
			return awserr.New("AlreadyExistsException", 400, "Table already exists.")
		},
		attributes: func(s services, _ string, t catalogTable) (state, error) {
			return state{"arn": s.Account.ARN("glue", "table/"+t.DatabaseName+"/"+t.Name)}, nil
		},
	}.operations())
}

func storageProperties() property {
	return object(properties{
		"additionalLocations": list(text()),
		"bucketColumns":       list(text()),
		"columns": list(object(properties{
			"name": text(required, length(1, 255)), "type": text(length(0, 131072)), "comment": text(length(0, 255)),
			"parameters": mapping(text()),
		}), computed),
		"compressed":      boolean(),
		"inputFormat":     text(),
		"location":        text(),
		"numberOfBuckets": integer(),
		"outputFormat":    text(),
		"parameters":      mapping(text()),
		"schemaReference": rejected("there is no schema registry"),
		"serDeInfo": object(properties{
			"name": text(length(1, 255)), "parameters": mapping(text()), "serializationLibrary": text(),
		}),
		"skewedInfo": rejected("nothing is read through the table"),
		"sortColumns": list(object(properties{
			"column": text(required, length(1, 255)), "sortOrder": integer(required, between(0, 1, "")),
		})),
		"storedAsSubDirectories": boolean(),
	}, inert(nothingThere))
}
