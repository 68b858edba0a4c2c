using System.Collections.Immutable;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary>Reads relays and routes from YAML; whether the hosts exist is the server's to say.</summary>
internal static class ReachFile
{
    /// <summary>Reads the text of a file; <paramref name="file"/> is for messages.</summary>
    /// <exception cref="SpecException">It is malformed.</exception>
    public static ReachView Parse(string file, string text)
    {
        var section = new YamlSection("a reach", YamlTree.Read(file, text), "relays", "routes");
        return new ReachView(
            Hosts(section.ListOrNone("relays")),
            [
                .. section.ListOrNone("routes").Select(route => Hosts(
                    (route as YamlList ?? throw route.Place.Error(
                        "a route must be a list of hosts.", "Write '- [h1, h2, h3]'.")).Items)),
            ]);
    }

    private static ImmutableArray<string> Hosts(IReadOnlyList<YamlValue> values) =>
    [
        .. values.Select(value => value is YamlText { IsNull: false } name
            ? name.Text
            : throw value.Place.Error("here must be the name of a host.", "See their names with 'vio host ls'.")),
    ];
}
