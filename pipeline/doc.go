// Package pipeline is the Pulumi program that gives a team an HTTP endpoint for events and lands every accepted event,
// one JSON line each, in a folder of an S3 bucket:
//
//	RestAPI ──▶ Stream ──▶ DeliveryStream ──▶ Bucket
//	  └─ Stage (logs, throttle)
//
// Beside the path: UsagePlan, Alarms, Dashboard, QueryTable (SQL over the folder) and EventGenerator, each behind a setting.
//
// Another program calls NewPipeline, with DefaultArgs and what differs from them. Program reads the settings of a stack (load.go)
// into PipelineArgs (args.go) and does the same. A Pipeline (pipeline.go) composes the components and creates no AWS resource
// itself. Each component has a file of its own, named after the AWS noun, in one order: token, args, outputs, constructor,
// helpers. Policies are typed documents (policy.go): one builder per grant.
//
// Rules that hold everywhere:
//
//   - A role's ARN leaves its component only after its policies, so nothing can use a role before it may act.
//   - ARNs come from outputs; partition and region are looked up, never written.
//   - What must be known when planning is a plain Go value; what another resource makes is a Pulumi input.
package pipeline
