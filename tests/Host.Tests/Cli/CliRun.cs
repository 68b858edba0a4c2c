using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Tests.Cli;

/// <summary>What one run of the real entry point gave.</summary>
internal sealed record CliRun(int Code, string Out, string Error)
{
    public static Task<CliRun> OfAsync(FakeServer server, params string[] args) =>
        OfAsync([.. args, "--server", "unix:" + server.Socket]);

    public static Task<CliRun> OfAsync(params string[] args) => OfAsync(HostOf(), args);

    public static async Task<CliRun> OfAsync(CliHost host, string[] args)
    {
        var code = await Program.RunAsync(args, host);
        return new CliRun(code, host.Out.ToString()!, host.Error.ToString()!);
    }

    public static CliHost HostOf(
        Func<string, string?>? variable = null, string home = "/nonexistent", string input = "") => new()
        {
            Out = new StringWriter(),
            Error = new StringWriter(),
            In = new StringReader(input),
            Variable = variable ?? (_ => null),
            HomeDirectory = home,
            LabSockets = () => [],
            Interrupts = Interrupts.None(),
        };
}
