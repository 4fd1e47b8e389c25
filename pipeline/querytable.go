package pipeline

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/athena"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const queryTableType = "ingest-pipeline:index:QueryTable"

// queryResultsFolder is where Athena writes query results, in the bucket of the events; they expire after
// queryResultsExpireAfterDays.
const (
	queryResultsFolder          = "query-results/"
	queryResultsExpireAfterDays = 30
)

// maxScannedBytesPerQuery limits the cost of a query: Athena charges for the bytes it scans.
const maxScannedBytesPerQuery = 10 << 30

// queryTableArgs describes the table over the folder of the events.
type queryTableArgs struct {
	// DatabaseName is the Glue database's name, of a–z, 0–9 and _.
	DatabaseName string
	BucketName   pulumi.StringInput
	// Envelope says that each line is an event in its envelope, and EventTypes that the envelope may have a type.
	Envelope, EventTypes bool
	// Prefix is the folder of the events, without an expression: Firehose appends YYYY/MM/DD/HH/.
	Prefix string
}

// queryTable makes the events queryable with SQL as soon as they are in S3: no crawler, no partitions to load.
type queryTable struct {
	pulumi.ResourceState

	// Query is a first query, for the workgroup WorkgroupName.
	Query         pulumi.StringOutput `pulumi:"query"`
	WorkgroupName pulumi.StringOutput `pulumi:"workgroupName"`
}

// newQueryTable creates database, table and workgroup.
//
// The table has one column, the line as it is, because an event may have any shape; queries use json_extract_scalar.
// Its partitions are projected from the folders' names.
// https://docs.aws.amazon.com/athena/latest/ug/partition-projection-kinesis-firehose-example.html
func newQueryTable(ctx *pulumi.Context, name string, args queryTableArgs, opts ...pulumi.ResourceOption) (*queryTable, error) {
	q := &queryTable{}
	if err := ctx.RegisterComponentResource(queryTableType, name, q, opts...); err != nil {
		return nil, err
	}
	database, err := glue.NewCatalogDatabase(ctx, name, &glue.CatalogDatabaseArgs{
		Name: pulumi.String(args.DatabaseName),
	}, pulumi.Parent(q))
	if err != nil {
		return nil, err
	}
	location := pulumi.Sprintf("s3://%s/%s", args.BucketName, args.Prefix)
	table, err := glue.NewCatalogTable(ctx, name, &glue.CatalogTableArgs{
		DatabaseName: database.Name,
		Name:         pulumi.String("events"),
		TableType:    pulumi.String("EXTERNAL_TABLE"),
		Parameters: pulumi.StringMap{
			"projection.enabled":            pulumi.String("true"),
			"projection.hour.type":          pulumi.String("date"),
			"projection.hour.format":        pulumi.String("yyyy/MM/dd/HH"),
			"projection.hour.range":         pulumi.String("2024/01/01/00,NOW"),
			"projection.hour.interval":      pulumi.String("1"),
			"projection.hour.interval.unit": pulumi.String("HOURS"),
			"storage.location.template":     pulumi.Sprintf("%s${hour}/", location),
		},
		PartitionKeys: glue.CatalogTablePartitionKeyArray{
			glue.CatalogTablePartitionKeyArgs{Name: pulumi.String("hour"), Type: pulumi.String("string")},
		},
		StorageDescriptor: glue.CatalogTableStorageDescriptorArgs{
			Location:     location,
			InputFormat:  pulumi.String("org.apache.hadoop.mapred.TextInputFormat"),
			OutputFormat: pulumi.String("org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"),
			Columns: glue.CatalogTableStorageDescriptorColumnArray{
				glue.CatalogTableStorageDescriptorColumnArgs{Name: pulumi.String("event"), Type: pulumi.String("string")},
			},
			SerDeInfo: glue.CatalogTableStorageDescriptorSerDeInfoArgs{
				SerializationLibrary: pulumi.String("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
				// JSON never holds this character as it is, so the whole line is the one column.
				Parameters: pulumi.StringMap{"field.delim": pulumi.String("\u0001")},
			},
		},
	}, pulumi.Parent(q))
	if err != nil {
		return nil, err
	}
	workgroup, err := athena.NewWorkgroup(ctx, name, &athena.WorkgroupArgs{
		// A workgroup with a query history is not empty, and destroy would fail half-way.
		ForceDestroy: pulumi.Bool(true),
		Configuration: athena.WorkgroupConfigurationArgs{
			EnforceWorkgroupConfiguration: pulumi.Bool(true),
			BytesScannedCutoffPerQuery:    pulumi.Int(maxScannedBytesPerQuery),
			ResultConfiguration: athena.WorkgroupConfigurationResultConfigurationArgs{
				OutputLocation: pulumi.Sprintf("s3://%s/%s", args.BucketName, queryResultsFolder),
			},
		},
	}, pulumi.Parent(q))
	if err != nil {
		return nil, err
	}
	q.WorkgroupName = workgroup.Name
	field := "$.type"
	if args.Envelope && !args.EventTypes {
		field = "$.event.type"
	}
	q.Query = pulumi.Sprintf(
		`SELECT json_extract_scalar(event, '%s') AS type, count(*) FROM "%s"."%s" WHERE hour >= date_format(now() - interval '1' day, '%%Y/%%m/%%d/%%H') GROUP BY 1`,
		field, database.Name, table.Name)
	return q, ctx.RegisterResourceOutputs(q, pulumi.Map{"query": q.Query, "workgroupName": q.WorkgroupName})
}

// databaseName returns a name that SQL can use without quotes: lower-case letters, digits and underscores.
// https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html
func databaseName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + ('a' - 'A')
		default:
			return '_'
		}
	}, name)
}
