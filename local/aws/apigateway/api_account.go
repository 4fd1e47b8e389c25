package apigateway

import (
	"maps"
	"strings"

	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) accountActions() []protocol.Action {
	const tags = "/tags/{resource_arn}"
	return []protocol.Action{
		handle(s, "GetAccount", "GET", "/account", 200, s.apiGetAccount),
		handle(s, "UpdateAccount", "PATCH", "/account", 200, s.apiUpdateAccount),
		handle(s, "GetTags", "GET", tags, 200, s.apiGetTags),
		handle(s, "TagResource", "PUT", tags, 204, s.apiTagResource),
		handle(s, "UntagResource", "DELETE", tags, 204, s.apiUntagResource),
	}
}

type accountInput struct{}

func (*accountInput) resource() string { return "/account" }

// accountShape is the account's settings as answers show them: recorded (LocalStack, TestApigatewayAccount).
type accountShape struct {
	CloudWatchRoleARN *string `aws:"cloudwatchRoleArn"`
	ThrottleSettings  throttleShape
	Features          []string
	APIKeyVersion     string `aws:"apiKeyVersion"`
}

func (s *Service) apiGetAccount(*protocol.Call, *accountInput) (*accountShape, error) {
	return &accountShape{
		CloudWatchRoleARN: present(s.GetAccount().CloudWatchRoleARN),
		ThrottleSettings:  throttleShape{s.options.ThrottleBurst, s.options.ThrottleRate},
		Features:          []string{"UsagePlans"}, APIKeyVersion: "4",
	}, nil
}

type accountPatch struct {
	accountInput
	PatchOperations []patchOperation
}

var accountPatches = []patch[Account]{
	{"/cloudwatchRoleArn", "replace remove", setText(func(a *Account) *string { return &a.CloudWatchRoleARN })},
	{"/features", "add remove", refusePatch[Account]},
}

func (s *Service) apiUpdateAccount(call *protocol.Call, in *accountPatch) (*accountShape, error) {
	account := s.GetAccount()
	if err := applyPatches(&account, in.PatchOperations, accountPatches); err != nil {
		return nil, err
	}
	if account.CloudWatchRoleARN != "" {
		if err := permitPassing(call, account.CloudWatchRoleARN); err != nil {
			return nil, err
		}
	}
	if err := s.UpdateAccount(account); err != nil {
		return nil, err
	}
	return s.apiGetAccount(call, &in.accountInput)
}

type tagsInput struct {
	ResourceARN string `aws:"resource_arn,path"`
}

func (in *tagsInput) resource() string { return "/tags/" + in.ResourceARN }

type tagsShape struct{ Tags map[string]string }

func (s *Service) apiGetTags(_ *protocol.Call, in *tagsInput) (*tagsShape, error) {
	at, err := s.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	tags, err := at.get()
	return &tagsShape{orEmpty(tags)}, err
}

type tagResourceInput struct {
	tagsInput
	Tags map[string]string
}

func (s *Service) apiTagResource(_ *protocol.Call, in *tagResourceInput) (*empty, error) {
	return s.editTags(in.ResourceARN, func(tags map[string]string) { maps.Copy(tags, in.Tags) })
}

type untagResourceInput struct {
	tagsInput
	TagKeys []string `aws:"tagKeys,query"`
}

func (s *Service) apiUntagResource(_ *protocol.Call, in *untagResourceInput) (*empty, error) {
	return s.editTags(in.ResourceARN, func(tags map[string]string) {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
	})
}

// maxTags is documented (limits); the sentence is assumed.
const maxTags = 50

func (s *Service) editTags(arn string, change func(tags map[string]string)) (*empty, error) {
	at, err := s.tagged(arn)
	if err != nil {
		return nil, err
	}
	return &empty{}, at.edit(func(tags *map[string]string) error {
		changed := maps.Clone(*tags)
		if changed == nil {
			changed = map[string]string{}
		}
		change(changed)
		*tags = changed
		if len(changed) > maxTags {
			return badRequest("A resource cannot have more than %d tags", maxTags)
		}
		return nil
	})
}

// tagged is the tags of something.
type tagged struct {
	get  func() (map[string]string, error)
	edit func(change func(tags *map[string]string) error) error
}

// tagged finds what an ARN names. Documented (apigateway-tagging-supported-resources): what can have tags.
func (s *Service) tagged(arn string) (tagged, error) {
	path, ok := strings.CutPrefix(arn, s.resourceARN("/"))
	parts := strings.Split(path, "/")
	switch {
	case ok && len(parts) == 2 && parts[0] == "restapis":
		return s.taggedAPI(parts[1]), nil
	case ok && len(parts) == 4 && parts[0] == "restapis" && parts[2] == "stages":
		return s.taggedStage(parts[1], parts[3]), nil
	case ok && len(parts) == 2 && parts[0] == "apikeys":
		return s.taggedKey(parts[1]), nil
	case ok && len(parts) == 2 && parts[0] == "usageplans":
		return s.taggedPlan(parts[1]), nil
	}
	return tagged{}, badRequest("Invalid ARN specified in the request: %s", arn) // assumed
}

func (s *Service) taggedAPI(id string) tagged {
	return tagged{
		get: func() (map[string]string, error) {
			api, err := s.GetRestAPI(id)
			return api.Tags, err
		},
		edit: func(change func(*map[string]string) error) error {
			return s.editAPI(id, func(api *restAPI) error { return change(&api.API.Tags) })
		},
	}
}

func (s *Service) taggedStage(apiID, name string) tagged {
	return tagged{
		get: func() (map[string]string, error) {
			st, err := s.GetStage(apiID, name)
			return st.Tags, err
		},
		edit: func(change func(*map[string]string) error) error {
			return s.editAPI(apiID, func(api *restAPI) error {
				st, err := api.stage(name)
				if err != nil {
					return err
				}
				return change(&st.Tags)
			})
		},
	}
}

func (s *Service) taggedKey(id string) tagged {
	return tagged{
		get: func() (map[string]string, error) {
			key, err := s.GetAPIKey(id)
			return key.Tags, err
		},
		edit: func(change func(*map[string]string) error) error {
			return s.editAccount(func(account *accountConfig) error {
				key, err := account.apiKey(id)
				if err != nil {
					return err
				}
				err = change(&key.Tags)
				account.APIKeys[id] = key
				return err
			})
		},
	}
}

func (s *Service) taggedPlan(id string) tagged {
	return tagged{
		get: func() (map[string]string, error) {
			plan, err := s.GetUsagePlan(id)
			return plan.Tags, err
		},
		edit: func(change func(*map[string]string) error) error {
			return s.editUsagePlan(id, func(plan *UsagePlan) error { return change(&plan.Tags) })
		},
	}
}
