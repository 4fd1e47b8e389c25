package provider

type securityGroupInputs struct {
	Name                string              `json:"name"`
	NamePrefix          string              `json:"namePrefix"`
	Description         string              `json:"description"`
	Ingress             []securityRuleInput `json:"ingress"`
	Egress              []securityRuleInput `json:"egress"`
	RevokeRulesOnDelete bool                `json:"revokeRulesOnDelete"`
	VPCID               string              `json:"vpcId"`
	Tags                map[string]string   `json:"tags"`
}

type securityRuleInput struct {
	CIDRBlocks     []string `json:"cidrBlocks"`
	Description    string   `json:"description"`
	FromPort       int      `json:"fromPort"`
	IPv6CIDRBlocks []string `json:"ipv6CidrBlocks"`
	PrefixListIDs  []string `json:"prefixListIds"`
	Protocol       string   `json:"protocol"`
	SecurityGroups []string `json:"securityGroups"`
	Self           bool     `json:"self"`
	ToPort         int      `json:"toPort"`
}

const (
	securityGroupToken = "aws:ec2/securityGroup:SecurityGroup"
	// noInstances is why what belongs to instances has no effect.
	noInstances = "no instance is started"
	// defaultVPC is the VPC of whoever names none. There is no other.
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
	return alive(resourceType{
		token: securityGroupToken,
		inputs: properties{
			"name":                text(computed, replaces, without("namePrefix"), length(1, 255)),
			"namePrefix":          text(replaces, length(1, 229)),
			"description":         text(byDefault("Managed by Pulumi"), replaces, length(1, 255)),
			"ingress":             rules,
			"egress":              rules,
			"revokeRulesOnDelete": boolean(byDefault(false), inert(noInstances)),
			"vpcId":               text(computed, replaces, inert(noInstances)),
			"tags":                tags(),
		},
		outputs: []string{"arn", "ownerId"},
		naming:  &naming{property: "name", prefix: "namePrefix", longest: 255},
	}, lifeOf[securityGroupInputs]{
		put: func(s site, in securityGroupInputs, was *record) (string, state, error) {
			if in.Name == "" {
				in.Name = prefixed(s, in.NamePrefix)
			}
			id := idOf(was, func() string { return newID("sg-") })
			out := state{"name": in.Name, "arn": s.Account.ARN("ec2", "security-group/"+id), "ownerId": s.Account.ID}
			if in.VPCID == "" {
				out["vpcId"] = defaultVPC
			}
			return id, out, nil
		},
		update: func(site, securityGroupInputs, *record) (state, error) { return nil, nil },
		remove: func(site, securityGroupInputs, *record) error { return nil },
	})
}
