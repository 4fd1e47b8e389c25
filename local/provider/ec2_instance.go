package provider

import (
	"encoding/base64"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

type instanceConfig struct {
	AMI                               string
	InstanceType                      string
	AssociatePublicIPAddress          bool
	AvailabilityZone                  string
	SubnetID                          string
	VPCSecurityGroupIDs               []string
	IAMInstanceProfile                string
	KeyName                           string
	UserData                          string
	UserDataBase64                    string
	Monitoring                        bool
	EBSOptimized                      bool
	DisableAPIStop                    bool
	DisableAPITermination             bool
	InstanceInitiatedShutdownBehavior string
	SourceDestCheck                   bool
	CreditSpecification               *struct {
		CPUCredits string
	}
	MaintenanceOptions *struct {
		AutoRecovery string
	}
	MetadataOptions *struct {
		HTTPEndpoint            string
		HTTPProtocolIPv6        string
		HTTPPutResponseHopLimit int
		HTTPTokens              string
		InstanceMetadataTags    string
	}
	RootBlockDevice *struct {
		DeleteOnTermination bool
		Encrypted           bool
		IOPS                int
		KMSKeyID            string
		Throughput          int
		VolumeSize          int
		VolumeType          string
		Tags                map[string]string
	}
	VolumeTags map[string]string
	Tags       map[string]string
}

const instanceToken = "aws:ec2/instance:Instance"

func ec2Instance() resourceType {
	return define(resourceType{
		token:  instanceToken,
		inputs: instanceProperties(),
		outputs: []string{"arn", "instanceState", "primaryNetworkInterfaceId", "privateDns", "publicDns", "publicIp",
			"outpostArn", "passwordData", "instanceLifecycle", "spotInstanceRequestId"},
		validate: validateInstance,
	}, stored[instanceConfig]{
		token: instanceToken, notFound: "InvalidInstanceID.NotFound",
		create: func(s services, c instanceConfig) (string, instanceConfig, error) {
			return newID("i-"), c, c.checkReferences(s)
		},
		update: func(s services, _ string, c instanceConfig) error { return c.checkReferences(s) },
		delete: func(_ services, id string, c instanceConfig) error {
			if c.DisableAPITermination {
				return awserr.New("OperationNotPermitted", 400, "The instance '%s' may not be terminated. Modify its "+
					"'disableApiTermination' instance attribute and try again.", id)
			}
			return nil
		},
		// An instance that is not started has no addresses.
		attributes: func(s services, id string, _ instanceConfig) (state, error) {
			return state{
				"arn": s.Account.ARN("ec2", "instance/"+id), "instanceState": "stopped", "primaryNetworkInterfaceId": "",
				"privateDns": "", "publicDns": "", "publicIp": "", "outpostArn": "", "passwordData": "", "instanceLifecycle": "",
				"spotInstanceRequestId": "",
			}, nil
		},
	}.operations())
}

// maxUserData is the length of user data in bytes, before base64 (documented: ec2, user-data.html, 16 KB).
const maxUserData = 16 << 10

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
		"userDataReplaceOnChange":           boolean(byDefault(false), providerOnly, inert(noInstances)),
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
	if len(value.(string)) > maxUserData {
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

// validateInstance is documented: ec2, RunInstances (there is no launch template to take them from here).
func validateInstance(in state, _ iam.Account, fail func(path, reason string)) {
	for _, name := range []string{"ami", "instanceType"} {
		if !isSet(in, name) {
			fail(name, name+" is required: \"one of `ami` or `launch_template` must be specified\" and there are no launch templates")
		}
	}
}

// checkReferences refuses an instance profile or security group that does not exist.
func (c instanceConfig) checkReferences(s services) error {
	if name := c.IAMInstanceProfile; name != "" {
		if _, err := s.IAM.GetInstanceProfile(name); err != nil {
			return awserr.New("InvalidParameterValue", 400, "Value (%s) for parameter iamInstanceProfile.name is invalid. "+
				"Invalid IAM Instance Profile name", name)
		}
	}
	for _, id := range c.VPCSecurityGroupIDs {
		if !s.store.has(securityGroupToken, id) {
			return awserr.New("InvalidGroup.NotFound", 400, "The security group '%s' does not exist", id)
		}
	}
	return nil
}
