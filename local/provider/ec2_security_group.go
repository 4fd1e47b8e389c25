package provider

type securityGroup struct {
	Name        string
	Description string
	Ingress     []securityRule
	Egress      []securityRule
	VPCID       string
	Tags        map[string]string
}

type securityRule struct {
	CIDRBlocks     []string
	Description    string
	FromPort       int
	IPv6CIDRBlocks []string
	PrefixListIDs  []string
	Protocol       string
	SecurityGroups []string
	Self           bool
	ToPort         int
}

const (
	securityGroupToken = "aws:ec2/securityGroup:SecurityGroup"
	// noInstances is why what belongs to instances has no effect.
	noInstances = "no instance is started"
	// defaultVPC is the only VPC.
	defaultVPC = "vpc-00000000000000000"
)

func ec2SecurityGroup() resourceType {
	rules := list(object(properties{
		"cidrBlocks":     list(text()),
		"description":    text(length(0, 255)),
		"fromPort":       integer(required, between(-1, 65535, "")),
		"ipv6CidrBlocks": list(text()),
		"prefixListIds":  list(text()),
		"protocol":       text(required),
		"securityGroups": list(text(), unordered),
		"self":           boolean(byDefault(false)),
		"toPort":         integer(required, between(-1, 65535, "")),
	}), computed, unordered, inert(noInstances))
	return define(resourceType{
		token: securityGroupToken,
		inputs: properties{
			"name":                text(computed, replaces, without("namePrefix"), length(1, 255)),
			"namePrefix":          text(replaces, providerOnly, length(1, 229)),
			"description":         text(byDefault("Managed by Pulumi"), replaces, length(1, 255)),
			"ingress":             rules,
			"egress":              rules,
			"revokeRulesOnDelete": boolean(byDefault(false), providerOnly, inert(noInstances)),
			"vpcId":               text(computed, replaces, inert(noInstances)),
			"tags":                tags(),
		},
		outputs: []string{"arn", "ownerId"},
		naming:  &naming{property: "name", prefix: "namePrefix", longest: 255},
	}, stored[securityGroup]{
		token: securityGroupToken, notFound: "InvalidGroup.NotFound",
		create: func(_ services, g securityGroup) (string, securityGroup, error) {
			if g.VPCID == "" {
				g.VPCID = defaultVPC
			}
			return newID("sg-"), g, nil
		},
		attributes: func(s services, id string, _ securityGroup) (state, error) {
			return state{"arn": s.Account.ARN("ec2", "security-group/"+id), "ownerId": s.Account.ID}, nil
		},
	}.operations())
}
