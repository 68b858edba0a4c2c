namespace VioActors.Daemon.Cli;

/// <summary>A node as people name it: <c>ENV/NODE</c>, where ENV is a name, <c>owner~name</c> or an id.</summary>
internal sealed record NodeName(string Environment, string Node)
{
    /// <summary>Reads <c>ENV/NODE</c>.</summary>
    /// <exception cref="FormatException">There is not exactly one slash with text on both sides.</exception>
    public static NodeName Parse(string text)
    {
        var parts = text.Split('/');
        return parts is [{ Length: > 0 } environment, { Length: > 0 } node]
            ? new NodeName(environment, node)
            : throw new FormatException(
                $"'{text}' does not name a node. Write ENVIRONMENT/NODE, for example astro/n1.");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Environment}/{Node}";
}
