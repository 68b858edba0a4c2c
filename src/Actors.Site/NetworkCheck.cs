using VioActors.Contracts;

namespace VioActors.Actors.Site;

/// <summary>Checks the options of a spec's network.</summary>
internal static class NetworkCheck
{
    private const int LongestFile = 127;
    private const int LongestUrl = 255;

    internal static void Add(List<SpecError> errors, NetworkOptions options, IReadOnlyList<NodeSpec> nodes)
    {
        AddNode("gateway", options.Gateway);
        AddNode("bootServer", options.BootServer);
        AddText("bootFile", options.BootFile, LongestFile);
        AddText("bootUrl", options.BootUrl, LongestUrl);
        if (options.Duplicates is not (null or "report" or "quarantine"))
            errors.Add(new("network.duplicates",
                $"'{NameRule.Shown(options.Duplicates)}' is neither 'report' nor 'quarantine'"));

        void AddNode(string field, string? name)
        {
            if (name is not null && nodes.All(node => node.Name != name))
                errors.Add(new($"network.{field}", $"'{NameRule.Shown(name)}' is no node of this environment"));
        }

        void AddText(string field, string? text, int longest)
        {
            if (text is null)
                return;
            if (text.Length == 0 || text.Length > longest || !text.All(c => c is > ' ' and <= '~'))
                errors.Add(new($"network.{field}", $"must have 1 to {longest} printable characters without spaces"));
        }
    }
}
