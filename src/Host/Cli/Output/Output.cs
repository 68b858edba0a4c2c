using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;
using VioActors.Contracts;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Where a command's results go: standard output has JSON documents or tables and nothing else; messages go to standard
/// error.
/// </summary>
internal sealed class Output(CliHost host, bool json)
{
    // Wide enough that nothing is cut off: programs read pipes.
    private const int WidthOfPipe = 1 << 16;

    /// <summary>Whether results are JSON.</summary>
    public bool IsJson { get; } = json;

    /// <summary>Whether progress may redraw itself.</summary>
    public bool IsLive => host.ErrorWidth is not null;

    /// <summary>Shows one result: as JSON, or as <paramref name="human"/> makes it.</summary>
    public void Result<T>(T value, Func<T, IRenderable> human)
    {
        if (IsJson) Line(value);
        else host.Out.Write(Plain(human(value), host.OutWidth ?? WidthOfPipe));
    }

    /// <summary>Shows one result that is a text for people.</summary>
    public void Result<T>(T value, Func<T, string> human)
    {
        if (IsJson) Line(value);
        else host.Out.WriteLine(human(value));
    }

    /// <summary>Writes one JSON document on one line.</summary>
    public void Line<T>(T value) => host.Out.WriteLine(JsonSerializer.Serialize(value, Wire.Json));

    /// <summary>Something a person wants to know; never a result.</summary>
    public void Note(string text) => host.Error.WriteLine(text);

    /// <summary>Why it did not work and what to do; with <c>--json</c> also as a document.</summary>
    public void Failure(Problem problem)
    {
        host.Error.WriteLine(problem.Reason);
        if (problem.Remedy is { Length: > 0 }) host.Error.WriteLine(problem.Remedy);
        if (IsJson) Line(new { error = problem });
    }

    /// <summary>A console on standard error, for live progress.</summary>
    public IAnsiConsole Live() => Console(host.Error, host.ErrorWidth ?? WidthOfPipe, host.ErrorWidth is not null);

    // Without the spaces that fill a table's last column: they would wrap on a terminal and be in the way of programs.
    private static string Plain(IRenderable table, int width)
    {
        var text = new StringWriter();
        Console(text, width, isTerminal: false).Write(table);
        var lines = text.ToString().TrimEnd().Split('\n').Select(line => line.TrimEnd());
        return string.Join('\n', lines) + '\n';
    }

    private static IAnsiConsole Console(TextWriter writer, int width, bool isTerminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = width;
        return console;
    }
}
