package pipeline

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Program is the one program that main.go, the tests and the local target run. It reads the stack's settings, reports
// all that is wrong with them before it creates anything, and exports what a person needs next.
func Program(ctx *pulumi.Context) error { return program(ctx, ctx.RootDirectory()) }

// ProgramIn is Program with the project's folder, which the Automation API does not tell an inline program.
func ProgramIn(folder string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error { return program(ctx, folder) }
}

func program(ctx *pulumi.Context, folder string) error {
	args, err := load(ctx, folder)
	if err != nil {
		return err
	}
	// Logical names are the same in every stack, so that a stack can be renamed. pulumi:autonaming in Pulumi.yaml adds the
	// stack to the names in AWS.
	p, err := NewPipeline(ctx, "ingest", args)
	if err != nil {
		return err
	}
	off := map[string]bool{
		"apiKeys": args.Access != AccessAPIKey, "apiKey": args.Access != AccessAPIKey,
		"dashboardUrl": !args.Dashboard, "alarmTopicArn": !args.Alarms.Enabled,
		"query": !args.QueryTable, "queryWorkgroup": !args.QueryTable,
		"eventGeneratorInstanceId": !args.EventGenerator,
	}
	for name, output := range p.outputs() {
		if !off[name] {
			ctx.Export(name, output)
		}
	}
	return nil
}
