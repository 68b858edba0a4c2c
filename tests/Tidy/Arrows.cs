using System.Xml.Linq;

namespace VioActors.Tidy;

/// <summary>Which project of src/ may reference which: the layers of the design.</summary>
internal static class Arrows
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Contracts"] = [],
        ["Runtime"] = [],
        ["Libvirt"] = [],
        ["Switch.DataPlane"] = [],
        ["Runtime.Sql"] = ["Runtime"],
        ["PackageCache"] = ["Contracts"],
        ["Embedding"] = ["Runtime", "Runtime.Sql"],
        ["Actors.*"] = ["Contracts", "Runtime"],
        ["Simulation"] = ["Actors.*", "Runtime", "Contracts"],
        ["TestKit"] = ["Simulation", "Actors.*", "Runtime", "Contracts"],
        ["Host"] = ["*"],
    };

    public static IEnumerable<string> Broken(IEnumerable<SourceFile> files) =>
        from file in files
        where file.IsUnder("src") && file.Path.EndsWith(".csproj", StringComparison.Ordinal)
        let name = Path.GetFileNameWithoutExtension(file.Path)
        from to in References(file)
        where !IsAllowed(name, to)
        select $"{file.Path}: {name} must not reference {to}";

    private static IEnumerable<string> References(SourceFile project) =>
        XDocument.Parse(string.Join('\n', project.Lines)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));

    private static bool IsAllowed(string from, string to) =>
        Allowed.TryGetValue(from.StartsWith("Actors.", StringComparison.Ordinal) ? "Actors.*" : from, out var targets)
        && targets.Any(target => target == "*" || target == to
            || (target == "Actors.*" && to.StartsWith("Actors.", StringComparison.Ordinal)));
}
