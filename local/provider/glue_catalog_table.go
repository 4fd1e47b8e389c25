package provider

import "ingest-pipeline/local/aws/awserr"

type catalogTableInputs struct {
	Name              string                   `json:"name"`
	DatabaseName      string                   `json:"databaseName"`
	CatalogID         string                   `json:"catalogId"`
	Description       string                   `json:"description"`
	Owner             string                   `json:"owner"`
	Parameters        map[string]string        `json:"parameters"`
	PartitionKeys     []catalogColumnInputs    `json:"partitionKeys"`
	Retention         int                      `json:"retention"`
	StorageDescriptor *storageDescriptorInputs `json:"storageDescriptor"`
	TableType         string                   `json:"tableType"`
	ViewExpandedText  string                   `json:"viewExpandedText"`
	ViewOriginalText  string                   `json:"viewOriginalText"`
}

type catalogColumnInputs struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Comment string `json:"comment"`
}

type storageDescriptorInputs struct {
	AdditionalLocations []string `json:"additionalLocations"`
	BucketColumns       []string `json:"bucketColumns"`
	Columns             []struct {
		Name       string            `json:"name"`
		Type       string            `json:"type"`
		Comment    string            `json:"comment"`
		Parameters map[string]string `json:"parameters"`
	} `json:"columns"`
	Compressed      bool              `json:"compressed"`
	InputFormat     string            `json:"inputFormat"`
	Location        string            `json:"location"`
	NumberOfBuckets int               `json:"numberOfBuckets"`
	OutputFormat    string            `json:"outputFormat"`
	Parameters      map[string]string `json:"parameters"`
	SerDeInfo       *struct {
		Name                 string            `json:"name"`
		Parameters           map[string]string `json:"parameters"`
		SerializationLibrary string            `json:"serializationLibrary"`
	} `json:"serDeInfo"`
	SortColumns []struct {
		Column    string `json:"column"`
		SortOrder int    `json:"sortOrder"`
	} `json:"sortColumns"`
	StoredAsSubDirectories bool `json:"storedAsSubDirectories"`
}

const catalogTableToken = "aws:glue/catalogTable:CatalogTable"

func glueCatalogTable() resourceType {
	columns := properties{"name": text(required, length(1, 255)), "type": text(length(0, 131072)), "comment": text(length(0, 255))}
	return alive(resourceType{
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
			"storageDescriptor":    storageDescriptor(),
			"tableType":            text(inert(nothingThere)),
			"viewExpandedText":     text(length(0, 409600), inert(nothingThere)),
			"viewOriginalText":     text(length(0, 409600), inert(nothingThere)),
			"partitionIndices":     rejected("there are no partitions to look for"),
			"openTableFormatInput": rejected("there is no Iceberg"),
			"targetTable":          rejected("there are no other catalogs"),
		},
		outputs: []string{"arn"},
		naming:  &naming{property: "name", longest: 255},
	}, lifeOf[catalogTableInputs]{
		put: func(s site, in catalogTableInputs, was *record) (string, state, error) {
			if err := ownCatalog(s, in.CatalogID); err != nil {
				return "", nil, err
			}
			database := s.Account.ID + ":" + in.DatabaseName
			if s.resources.find(s.resources.types[catalogDatabaseToken], database, nil) == nil {
				return "", nil, awserr.New("EntityNotFoundException", 400, "Database %s not found.", in.DatabaseName)
			}
			id := database + ":" + in.Name
			return id, state{
				"arn": s.Account.ARN("glue", "table/"+in.DatabaseName+"/"+in.Name), "catalogId": s.Account.ID,
			}, vacant(s, catalogTableToken, id, was, awserr.New("AlreadyExistsException", 400, "Table already exists."))
		},
		update: func(site, catalogTableInputs, *record) (state, error) { return nil, nil },
		remove: func(site, catalogTableInputs, *record) error { return nil },
	})
}

func storageDescriptor() property {
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
