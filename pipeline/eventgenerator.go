package pipeline

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const eventGeneratorType = "ingest-pipeline:index:EventGenerator"

// amazonLinux is where AWS publishes the id of its newest Amazon Linux 2023 image for arm64.
// https://docs.aws.amazon.com/linux/al2023/ug/ec2.html
const amazonLinux = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"

// eventGeneratorArgs describes the EC2 instance that sends sample events.
type eventGeneratorArgs struct {
	// Partition is the AWS partition ("aws", "aws-cn", …) of the managed policy.
	Partition pulumi.StringInput
	// URL is the endpoint. Its access must be NONE: the instance sends neither a key nor a signature.
	URL pulumi.StringInput
}

// eventGenerator is a t4g.nano EC2 instance that sends one sample event per second with curl. It accepts no inbound
// connections; Session Manager gives a shell on it.
type eventGenerator struct {
	pulumi.ResourceState

	InstanceID pulumi.StringOutput `pulumi:"instanceId"`
}

// ec2Resource and parameter are used by their type tokens: the first build would take much longer with the SDK's packages for
// them.
type (
	ec2Resource struct{ pulumi.CustomResourceState }
	parameter   struct {
		Value string `pulumi:"value"`
	}
)

// sdkVersion is the provider version of the SDK's packages. With another one, Pulumi would start a second provider.
var sdkVersion = pulumi.Version("6.83.0")

// newEventGenerator creates the instance in the default VPC.
func newEventGenerator(ctx *pulumi.Context, name string, args eventGeneratorArgs, opts ...pulumi.ResourceOption) (*eventGenerator, error) {
	e := &eventGenerator{}
	if err := ctx.RegisterComponentResource(eventGeneratorType, name, e, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(e)
	role, err := newServiceRole(ctx, name, serviceRoleArgs{
		Description: "Session Manager gives a shell on the event generator",
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
		"description": pulumi.String("No inbound connections; outbound over HTTPS only"),
		"egress": pulumi.Array{pulumi.Map{
			"protocol": pulumi.String("tcp"), "fromPort": pulumi.Int(443), "toPort": pulumi.Int(443),
			"cidrBlocks": pulumi.StringArray{pulumi.String("0.0.0.0/0")},
		}},
	}, group, child, sdkVersion)
	if err != nil {
		return nil, err
	}
	var image parameter
	query := map[string]string{"name": amazonLinux}
	if err := ctx.Invoke("aws:ssm/getParameter:getParameter", query, &image, child, sdkVersion); err != nil {
		return nil, err
	}
	err = ctx.RegisterResource("aws:ec2/instance:Instance", name, pulumi.Map{
		"ami":                     pulumi.String(image.Value),
		"instanceType":            pulumi.String("t4g.nano"),
		"iamInstanceProfile":      profile.Name,
		"vpcSecurityGroupIds":     pulumi.StringArray{group.ID().ToStringOutput()},
		"metadataOptions":         pulumi.Map{"httpTokens": pulumi.String("required")},
		"userData":                pulumi.Sprintf(sampleEvents, args.URL),
		"userDataReplaceOnChange": pulumi.Bool(true),
	}, instance, child, sdkVersion, pulumi.IgnoreChanges([]string{"ami"})) // a newer image must not replace a running instance
	if err != nil {
		return nil, err
	}
	e.InstanceID = instance.ID().ToStringOutput()
	return e, ctx.RegisterResourceOutputs(e, pulumi.Map{"instanceId": e.InstanceID})
}

// sampleEvents is the instance's user data, which cloud-init runs at the first boot only: a systemd unit sends the events
// after later boots, too. It ignores Retry-After: it sends one event per second anyway, and samples may be lost.
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
cat >/etc/systemd/system/sample-events.service <<'UNIT'
[Unit]
Description=Sends sample events to the ingest pipeline
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/local/bin/sample-events
DynamicUser=yes
Restart=always

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now sample-events.service
`
