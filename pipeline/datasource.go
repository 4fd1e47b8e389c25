package pipeline

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
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
	group, err := ec2.NewSecurityGroup(ctx, name, &ec2.SecurityGroupArgs{
		Description: pulumi.String("No way in; out over HTTPS only"),
		Egress: ec2.SecurityGroupEgressArray{ec2.SecurityGroupEgressArgs{
			Protocol: pulumi.String("tcp"), FromPort: pulumi.Int(443), ToPort: pulumi.Int(443),
			CidrBlocks: pulumi.StringArray{pulumi.String("0.0.0.0/0")},
		}},
	}, child)
	if err != nil {
		return nil, err
	}
	image := ssm.LookupParameterOutput(ctx, ssm.LookupParameterOutputArgs{Name: pulumi.String(amazonLinux)}, child)
	instance, err := ec2.NewInstance(ctx, name, &ec2.InstanceArgs{
		Ami:                     image.Value(),
		InstanceType:            pulumi.String("t4g.nano"),
		IamInstanceProfile:      profile.Name,
		VpcSecurityGroupIds:     pulumi.StringArray{group.ID().ToStringOutput()},
		MetadataOptions:         ec2.InstanceMetadataOptionsArgs{HttpTokens: pulumi.String("required")},
		UserData:                pulumi.Sprintf(sampleEvents, args.URL),
		UserDataReplaceOnChange: pulumi.Bool(true),
	}, child, pulumi.IgnoreChanges([]string{"ami"})) // a newer image must not replace a running source
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
