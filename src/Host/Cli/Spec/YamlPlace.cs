using YamlDotNet.Core;

namespace VioActors.Daemon.Cli;

/// <summary>A place in a file, counted from 1.</summary>
internal sealed record YamlPlace(string File, long Line, long Column)
{
    /// <summary>The place of a mark of the YAML parser.</summary>
    public static YamlPlace Of(string file, Mark mark) => new(file, mark.Line, mark.Column);

    /// <summary>The error at this place.</summary>
    public SpecException Error(string reason, string remedy) => new($"{this}: {reason}", remedy);

    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>A spec file is wrong; the reason starts with file, line and column.</summary>
internal sealed class SpecException(string reason, string remedy)
    : CliException(new Contracts.Api.Problem("bad-spec", reason, remedy), ExitCode.WrongUsage);
