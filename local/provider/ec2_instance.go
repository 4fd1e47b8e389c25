package provider

import (
	"encoding/base64"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

type instanceInputs struct {
	AMI                               string   `json:"ami"`
	InstanceType                      string   `json:"instanceType"`
	AssociatePublicIPAddress          bool     `json:"associatePublicIpAddress"`
	AvailabilityZone                  string   `json:"availabilityZone"`
	SubnetID                          string   `json:"subnetId"`
	VPCSecurityGroupIDs               []string `json:"vpcSecurityGroupIds"`
	IAMInstanceProfile                string   `json:"iamInstanceProfile"`
	KeyName                           string   `json:"keyName"`
	UserData                          string   `json:"userData"`
	UserDataBase64                    string   `json:"userDataBase64"`
	UserDataReplaceOnChange           bool     `json:"userDataReplaceOnChange"`
	Monitoring                        bool     `json:"monitoring"`
	EBSOptimized                      bool     `json:"ebsOptimized"`
	DisableAPIStop                    bool     `json:"disableApiStop"`
	DisableAPITermination             bool     `json:"disableApiTermination"`
	InstanceInitiatedShutdownBehavior string   `json:"instanceInitiatedShutdownBehavior"`
	SourceDestCheck                   bool     `json:"sourceDestCheck"`
	CreditSpecification               *struct {
		CPUCredits string `json:"cpuCredits"`
	} `json:"creditSpecification"`
	MaintenanceOptions *struct {
		AutoRecovery string `json:"autoRecovery"`
	} `json:"maintenanceOptions"`
	MetadataOptions *struct {
		HTTPEndpoint            string `json:"httpEndpoint"`
		HTTPProtocolIPv6        string `json:"httpProtocolIpv6"`
		HTTPPutResponseHopLimit int    `json:"httpPutResponseHopLimit"`
		HTTPTokens              string `json:"httpTokens"`
		InstanceMetadataTags    string `json:"instanceMetadataTags"`
	} `json:"metadataOptions"`
	RootBlockDevice *struct {
		DeleteOnTermination bool              `json:"deleteOnTermination"`
		Encrypted           bool              `json:"encrypted"`
		IOPS                int               `json:"iops"`
		KMSKeyID            string            `json:"kmsKeyId"`
		Throughput          int               `json:"throughput"`
		VolumeSize          int               `json:"volumeSize"`
		VolumeType          string            `json:"volumeType"`
		Tags                map[string]string `json:"tags"`
	} `json:"rootBlockDevice"`
	VolumeTags map[string]string `json:"volumeTags"`
	Tags       map[string]string `json:"tags"`
}

const instanceToken = "aws:ec2/instance:Instance"

func ec2Instance() resourceType {
	return alive(resourceType{
		token:  instanceToken,
		inputs: instanceProperties(),
		outputs: []string{"arn", "instanceState", "primaryNetworkInterfaceId", "privateDns", "publicDns", "publicIp",
			"outpostArn", "passwordData", "instanceLifecycle", "spotInstanceRequestId"},
		validate: instanceFits,
	}, lifeOf[instanceInputs]{
		put: func(s site, in instanceInputs, was *record) (string, state, error) {
			id := idOf(was, func() string { return newID("i-") })
			// An instance that is not started has no addresses.
			return id, state{
				"arn": s.Account.ARN("ec2", "instance/"+id), "instanceState": "stopped", "primaryNetworkInterfaceId": "",
				"privateDns": "", "publicDns": "", "publicIp": "", "outpostArn": "", "passwordData": "", "instanceLifecycle": "",
				"spotInstanceRequestId": "",
			}, in.check(s)
		},
		update: func(s site, in instanceInputs, _ *record) (state, error) { return nil, in.check(s) },
		remove: func(s site, in instanceInputs, was *record) error {
			if in.DisableAPITermination {
				return awserr.New("OperationNotPermitted", 400, "The instance '%s' may not be terminated. Modify its "+
					"'disableApiTermination' instance attribute and try again.", was.ID)
			}
			return nil
		},
	})
}

// mostUserData is the length of user data in bytes, before base64 (documented: ec2, user-data.html, 16 KB).
const mostUserData = 16 << 10

func instanceProperties() properties {
	inputs := properties{
		"ami":                               text(computed, replaces, pattern(`^ami-[0-9a-f]{8,17}$`, "the id of an image, ami- and 8 to 17 hexadecimal digits"), inert(noInstances)),
		"instanceType":                      text(computed, pattern(`^[a-z0-9-]+\.[a-z0-9-]+$`, "an instance type, such as t4g.nano"), inert(noInstances)),
		"associatePublicIpAddress":          boolean(computed, replaces, inert(noInstances)),
		"availabilityZone":                  text(computed, replaces, inert(noInstances)),
		"subnetId":                          text(computed, replaces, inert(noInstances)),
		"vpcSecurityGroupIds":               list(text(), computed, unordered),
		"iamInstanceProfile":                text(computed),
		"keyName":                           text(computed, replaces, inert(noInstances)),
		"userData":                          text(without("userDataBase64"), matches(isUserData), inert("no instance is started that would run it; the command send is the local producer")),
		"userDataBase64":                    text(without("userData"), matches(isBase64), inert("no instance is started that would run it; the command send is the local producer")),
		"userDataReplaceOnChange":           boolean(byDefault(false), inert(noInstances)),
		"monitoring":                        boolean(computed, inert(noInstances)),
		"ebsOptimized":                      boolean(replaces, inert(noInstances)),
		"disableApiStop":                    boolean(computed, inert(noInstances)),
		"disableApiTermination":             boolean(computed),
		"instanceInitiatedShutdownBehavior": text(computed, oneOf("stop", "terminate"), inert(noInstances)),
		"sourceDestCheck":                   boolean(byDefault(true), inert(noInstances)),
		"creditSpecification":               object(properties{"cpuCredits": text(oneOf("standard", "unlimited"))}, inert(noInstances)),
		"maintenanceOptions":                object(properties{"autoRecovery": text(oneOf("default", "disabled"))}, computed, inert(noInstances)),
		"metadataOptions": object(properties{
			"httpEndpoint":            text(oneOf("enabled", "disabled")),
			"httpProtocolIpv6":        text(oneOf("enabled", "disabled")),
			"httpPutResponseHopLimit": integer(between(1, 64, "hops")),
			"httpTokens":              text(oneOf("optional", "required")),
			"instanceMetadataTags":    text(oneOf("enabled", "disabled")),
		}, computed, inert(noInstances)),
		"rootBlockDevice": object(properties{
			"deleteOnTermination": boolean(byDefault(true)),
			"deviceName":          rejected("AWS makes it"),
			"encrypted":           boolean(),
			"iops":                integer(),
			"kmsKeyId":            text(),
			"tags":                tags(),
			"tagsAll":             rejected("AWS makes it"),
			"throughput":          integer(),
			"volumeId":            rejected("AWS makes it"),
			"volumeSize":          integer(between(1, 65536, "GiB")),
			"volumeType":          text(oneOf("gp2", "gp3", "io1", "io2", "sc1", "st1", "standard")),
		}, computed, inert(noInstances)),
		"volumeTags": mapping(text(), inert(noInstances)),
		"tags":       tags(),
	}
	for _, name := range []string{"capacityReservationSpecification", "cpuCoreCount", "cpuOptions", "cpuThreadsPerCore",
		"ebsBlockDevices", "enablePrimaryIpv6", "enclaveOptions", "ephemeralBlockDevices", "getPasswordData", "hibernation",
		"hostId", "hostResourceGroupArn", "instanceMarketOptions", "ipv6AddressCount", "ipv6Addresses", "launchTemplate",
		"networkInterfaces", "placementGroup", "placementPartitionNumber", "privateDnsNameOptions", "privateIp",
		"secondaryPrivateIps", "securityGroups", "tenancy"} {
		inputs[name] = rejected("it is more than a small producer needs")
	}
	return inputs
}

func isUserData(value any) string {
	if len(value.(string)) > mostUserData {
		return "must have at most 16,384 bytes"
	}
	return ""
}

func isBase64(value any) string {
	content, err := base64.StdEncoding.DecodeString(value.(string))
	if err != nil {
		return "must be base64"
	}
	return isUserData(string(content))
}

// instanceFits is documented: ec2, RunInstances (there is no launch template to take them from here).
func instanceFits(in state, _ iam.Account, fail func(path, reason string)) {
	for _, name := range []string{"ami", "instanceType"} {
		if !isSet(in, name) {
			fail(name, name+" is required: \"one of `ami` or `launch_template` must be specified\" and there are no launch templates")
		}
	}
}

// check looks for what the instance names.
func (in instanceInputs) check(s site) error {
	if name := in.IAMInstanceProfile; name != "" && s.resources.find(s.resources.types[instanceProfileToken], name, nil) == nil {
		return awserr.New("InvalidParameterValue", 400, "Value (%s) for parameter iamInstanceProfile.name is invalid. "+
			"Invalid IAM Instance Profile name", name)
	}
	for _, id := range in.VPCSecurityGroupIDs {
		if s.resources.find(s.resources.types[securityGroupToken], id, nil) == nil {
			return awserr.New("InvalidGroup.NotFound", 400, "The security group '%s' does not exist", id)
		}
	}
	return nil
}
