// Package iamapi is IAM's API for AWS's clients (Query, version 2010-05-08), in front of the roles, policies and instance
// profiles of package iam, which protocol needs to know the caller of every action.
//
// What the actions do is documented in the IAM API reference; recordings of AWS are those of LocalStack's tests
// (tests/aws/services/iam/*.snapshot.json).
package iamapi

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/constraint"
	"ingest-pipeline/local/aws/internal/protocol"
)

// New is the API of an account's IAM.
func New(s *iam.Service) protocol.Service {
	a := &api{s}
	return protocol.Service{
		Name: "iam", Version: "2010-05-08", Namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
		Actions: []protocol.Action{
			protocol.Handle("GetUser", a.getUser),

			protocol.Handle("CreateRole", a.createRole),
			protocol.Handle("GetRole", a.getRole),
			protocol.Handle("ListRoles", a.listRoles),
			protocol.Handle("UpdateRole", a.updateRole),
			protocol.Handle("UpdateRoleDescription", a.updateRoleDescription),
			protocol.Handle("UpdateAssumeRolePolicy", a.updateAssumeRolePolicy),
			protocol.Handle("DeleteRole", a.deleteRole),
			protocol.Handle("TagRole", a.tagRole),
			protocol.Handle("UntagRole", a.untagRole),
			protocol.Handle("ListRoleTags", a.listRoleTags),

			protocol.Handle("PutRolePolicy", a.putRolePolicy),
			protocol.Handle("GetRolePolicy", a.getRolePolicy),
			protocol.Handle("ListRolePolicies", a.listRolePolicies),
			protocol.Handle("DeleteRolePolicy", a.deleteRolePolicy),
			protocol.Handle("AttachRolePolicy", a.attachRolePolicy),
			protocol.Handle("DetachRolePolicy", a.detachRolePolicy),
			protocol.Handle("ListAttachedRolePolicies", a.listAttachedRolePolicies),

			protocol.Handle("GetPolicy", a.getPolicy),
			protocol.Handle("GetPolicyVersion", a.getPolicyVersion),
			protocol.Handle("ListPolicyVersions", a.listPolicyVersions),
			protocol.Handle("ListPolicies", a.listPolicies),
			protocol.Handle("ListEntitiesForPolicy", a.listEntitiesForPolicy),

			protocol.Handle("CreateInstanceProfile", a.createInstanceProfile),
			protocol.Handle("GetInstanceProfile", a.getInstanceProfile),
			protocol.Handle("ListInstanceProfiles", a.listInstanceProfiles),
			protocol.Handle("ListInstanceProfilesForRole", a.listInstanceProfilesForRole),
			protocol.Handle("AddRoleToInstanceProfile", a.addRoleToInstanceProfile),
			protocol.Handle("RemoveRoleFromInstanceProfile", a.removeRoleFromInstanceProfile),
			protocol.Handle("DeleteInstanceProfile", a.deleteInstanceProfile),
			protocol.Handle("TagInstanceProfile", a.tagInstanceProfile),
			protocol.Handle("UntagInstanceProfile", a.untagInstanceProfile),
			protocol.Handle("ListInstanceProfileTags", a.listInstanceProfileTags),

			protocol.Handle("SimulatePrincipalPolicy", a.simulatePrincipalPolicy),
			protocol.Handle("SimulateCustomPolicy", a.simulateCustomPolicy),
		},
	}
}

type api struct{ iam *iam.Service }

// none is an output without members.
type none struct{}

// authorize checks the caller's permission.
func authorize(call *protocol.Call, action, resource string) error {
	return call.Authorize("iam:"+action, resource)
}

const invalid = "ValidationError"

// notEmulated refuses what AWS has and the local target has not.
func notEmulated(member string) error {
	return awserr.New("InvalidInput", 400, "%s is not emulated by the local target", member)
}

// paging is how the list actions take their answers apart.
type paging struct {
	Marker *string
	// MaxItems is 1 to 1,000. Default: 100, documented for each list action.
	MaxItems *int
}

func (p paging) check(v *constraint.Violations) {
	v.Length("marker", p.Marker, 1, 1<<20)
	v.Between("maxItems", p.MaxItems, 1, 1000)
}

// page is what follows in an answer behind the elements.
type page struct {
	IsTruncated bool
	Marker      *string
}

// pageOf cuts a list, sorted by key, to the page that is asked for. A marker is the key of the last element before it, so
// that a page follows the one before although elements come and go.
func pageOf[E any](all []E, key func(E) string, asked paging) ([]E, page, error) {
	if asked.Marker != nil {
		last, err := base64.StdEncoding.DecodeString(*asked.Marker)
		if err != nil {
			return nil, page{}, awserr.New(invalid, 400, "Invalid Marker.") // assumed
		}
		next := slices.IndexFunc(all, func(e E) bool { return key(e) > string(last) })
		if next < 0 {
			next = len(all)
		}
		all = all[next:]
	}
	most := 100
	if asked.MaxItems != nil {
		most = *asked.MaxItems
	}
	if len(all) <= most {
		return append([]E{}, all...), page{}, nil
	}
	marker := base64.StdEncoding.EncodeToString([]byte(key(all[most-1])))
	return all[:most], page{IsTruncated: true, Marker: &marker}, nil
}

// encode writes a policy document the way IAM answers it: URL-encoded, documented (API_GetRolePolicy).
func encode(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}

func isTrue(b *bool) bool { return b != nil && *b }

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
