package pipeline

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const dataSourceType = "ingest-pipeline:index:DataSource"

// amazonLinux is where AWS publishes the id of its newest Amazon Linux 2023 image for arm64.
// https://docs.aws.amazon.com/linux/al2023/ug/ec2.html
const amazonLinux = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"

// DataSourceArgs describes the machine that sends sample events.
type DataSourceArgs struct {
	Partition pulumi.StringInput
	// URL is the endpoint, which must not ask for a key or credentials.
	URL pulumi.StringInput
}

// DataSource is the exercise's source of events: the smallest EC2 instance, sending one event each second with curl. It
// takes no connections; one reaches it with Session Manager.
type DataSource struct {
	pulumi.ResourceState

	InstanceID pulumi.StringOutput `pulumi:"instanceId"`
}

// ec2Resource is a resource of EC2, registered by its type token. The SDK's package for EC2 has as much source as all other
// packages of the program together, and would double what a first build takes.
type ec2Resource struct{ pulumi.CustomResourceState }

// sdkVersion is the version that the SDK's own packages ask for: another one would be another provider.
var sdkVersion = pulumi.Version("6.83.0")

// NewDataSource creates the instance in the default VPC.
func NewDataSource(ctx *pulumi.Context, name string, args DataSourceArgs, opts ...pulumi.ResourceOption) (*DataSource, error) {
	d := &DataSource{}
	if err := ctx.RegisterComponentResource(dataSourceType, name, d, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(d)
	role, err := NewRole(ctx, name, RoleArgs{
		Description: "The sample source can be reached with Session Manager",
		Trust:       trustEC2(),
		ManagedPolicyArns: map[string]pulumi.StringInput{
			"ssm": pulumi.Sprintf("arn:%s:iam::aws:policy/AmazonSSMManagedInstanceCore", args.Partition),
		},
	}, child)
	if err != nil {
		return nil, err
	}
	profile, err := iam.NewInstanceProfile(ctx, name, &iam.InstanceProfileArgs{Role: role.Name}, child)
	if err != nil {
		return nil, err
	}
	group, instance := &ec2Resource{}, &ec2Resource{}
	err = ctx.RegisterResource("aws:ec2/securityGroup:SecurityGroup", name, pulumi.Map{
		"description": pulumi.String("No way in; out over HTTPS only"),
		"egress": pulumi.Array{pulumi.Map{
			"protocol": pulumi.String("tcp"), "fromPort": pulumi.Int(443), "toPort": pulumi.Int(443),
			"cidrBlocks": pulumi.StringArray{pulumi.String("0.0.0.0/0")},
		}},
	}, group, child, sdkVersion)
	if err != nil {
		return nil, err
	}
	image := ssm.LookupParameterOutput(ctx, ssm.LookupParameterOutputArgs{Name: pulumi.String(amazonLinux)}, child)
	err = ctx.RegisterResource("aws:ec2/instance:Instance", name, pulumi.Map{
		"ami":                     image.Value(),
		"instanceType":            pulumi.String("t4g.nano"),
		"iamInstanceProfile":      profile.Name,
		"vpcSecurityGroupIds":     pulumi.StringArray{group.ID().ToStringOutput()},
		"metadataOptions":         pulumi.Map{"httpTokens": pulumi.String("required")},
		"userData":                pulumi.Sprintf(sampleEvents, args.URL),
		"userDataReplaceOnChange": pulumi.Bool(true),
	}, instance, child, sdkVersion, pulumi.IgnoreChanges([]string{"ami"})) // a newer image must not replace a running source
	if err != nil {
		return nil, err
	}
	d.InstanceID = instance.ID().ToStringOutput()
	return d, ctx.RegisterResourceOutputs(d, pulumi.Map{"instanceId": d.InstanceID})
}

// sampleEvents is the instance's user data: the exercise's curl call, once a second, with values that change. It honours
// no Retry-After: at this rate the next event comes soon enough, and a lost sample is no loss.
const sampleEvents = `#!/bin/bash
cat >/usr/local/bin/sample-events <<'SCRIPT'
#!/bin/bash
while true; do
  curl -s -o /dev/null -m 10 -d "{\"value\":\"$((RANDOM %% 100))\",\"type\":\"Tip $((RANDOM %% 5 + 1))\"}" \
    -H "Content-Type: application/json" -X POST %s
  sleep 1
done
SCRIPT
chmod +x /usr/local/bin/sample-events
systemd-run --unit=sample-events --property=Restart=always /usr/local/bin/sample-events
`
