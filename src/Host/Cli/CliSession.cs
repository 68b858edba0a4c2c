using System.CommandLine;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>One run of one verb: its client, its output, its cancellation.</summary>
internal sealed class CliSession : IDisposable
{
    private readonly Lazy<ApiClient> _api;

    private CliSession(ParseResult parse, CliHost host, CancellationToken cancel)
    {
        (Parse, Host, Cancel) = (parse, host, cancel);
        Out = new Output(host, parse.GetValue(CommonOptions.Json));
        _api = new Lazy<ApiClient>(() => new ApiClient(new ApiConnection(
            ServerLocator.Find(parse.GetValue(CommonOptions.Server), host), RetryPolicy.Terminal, host.Time)));
    }

    /// <summary>The parsed command line.</summary>
    public ParseResult Parse { get; }

    /// <summary>The process.</summary>
    public CliHost Host { get; }

    /// <summary>Where results and messages go.</summary>
    public Output Out { get; }

    /// <summary>Set by Ctrl-C.</summary>
    public CancellationToken Cancel { get; }

    /// <summary>The server, found at first use.</summary>
    public ApiClient Api => _api.Value;

    /// <summary>Makes <paramref name="run"/> the action of <paramref name="command"/>.</summary>
    public static Command Action(Command command, CliHost host, Func<CliSession, Task<int>> run)
    {
        command.SetAction((parse, cancel) => RunAsync(parse, host, run, cancel));
        return command;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_api.IsValueCreated) _api.Value.Dispose();
    }

    private static async Task<int> RunAsync(
        ParseResult parse, CliHost host, Func<CliSession, Task<int>> run, CancellationToken cancel)
    {
        host.Interrupts.ListenToHangUp();
        using var session = new CliSession(parse, host, cancel);
        try
        {
            return await run(session);
        }
        catch (CliException failed)
        {
            session.Out.Failure(failed.Problem);
            return failed.Code;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            session.Out.Failure(new Problem("interrupted", "Interrupted.", "Nothing more was asked of the server."));
            return ExitCode.Failed;
        }
    }
}
