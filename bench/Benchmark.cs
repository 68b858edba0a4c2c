using System.CommandLine;
using VioActors.Daemon.Cli;

namespace VioActors.Bench;

/// <summary>One benchmark.</summary>
/// <param name="Name">What the user types.</param>
/// <param name="Summary">One line of help.</param>
/// <param name="Options">Its own options.</param>
/// <param name="Run">Measures; a failure of the thing under test goes into <see cref="Figures.Failure"/>.</param>
internal sealed record Benchmark(
    string Name, string Summary, IReadOnlyList<Option> Options, Func<BenchRun, Task<Figures>> Run);

/// <summary>One run of one benchmark: its options, its cancellation and where its progress goes.</summary>
internal sealed class BenchRun(ParseResult parse, CliHost host, CancellationToken cancel)
{
    /// <summary>The parsed command line.</summary>
    public ParseResult Parse { get; } = parse;

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; } = host.Time;

    /// <summary>The process, for parts of the executable that print.</summary>
    public CliHost Host { get; } = host;

    /// <summary>Set by Ctrl-C.</summary>
    public CancellationToken Cancel { get; } = cancel;

    /// <summary>One line of progress, on standard error.</summary>
    public void Note(string text) => Host.Error.WriteLine(text);
}

/// <summary>A benchmark cannot run here, or a control did not hold; the message names the next step.</summary>
internal sealed class BenchException(string message) : Exception(message);
