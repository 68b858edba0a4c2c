using VioActors.Embedded.Sample;

await SampleApp.Build(args).RunAsync();
