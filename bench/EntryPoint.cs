using VioActors.Daemon.Cli;

namespace VioActors.Bench;

/// <summary>
/// The program: <c>./vio bench NAME</c>. A named class, because the referenced executable has a Program too.
/// </summary>
internal static class EntryPoint
{
    public static Task<int> Main(string[] args) => BenchCommandLine.RunAsync(args, CliHost.OfProcess());
}
