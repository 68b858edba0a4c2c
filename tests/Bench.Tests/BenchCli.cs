using VioActors.Daemon.Cli;

namespace VioActors.Bench.Tests;

/// <summary>The program's command line, with what it prints.</summary>
internal sealed class BenchCli : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly Interrupts _interrupts = Interrupts.None();

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public CliHost Host => new()
    {
        Out = _out,
        Error = _error,
        In = TextReader.Null,
        Variable = _ => null,
        HomeDirectory = "/nowhere",
        LabSockets = () => [],
        Interrupts = _interrupts,
    };

    public Task<int> RunAsync(params string[] args) => BenchCommandLine.RunAsync(args, Host);

    public void Dispose()
    {
        _interrupts.Dispose();
        _out.Dispose();
        _error.Dispose();
    }
}
