using System.Text.Json.Nodes;

namespace VioActors.Daemon.Demo;

/// <summary>
/// The figures of a run, in the order of the last line of JSON. A figure that was not reached stays null.
/// </summary>
internal sealed class DemoFigures
{
    /// <summary>Stands for what a simulation cannot know.</summary>
    public const string NotApplicable = "n/a (simulated)";

    /// <summary>The names, in order, with what each means.</summary>
    public static readonly IReadOnlyList<(string Name, string Meaning)> Names =
    [
        ("create_s", "seconds from the request to four ready nodes"),
        ("pairs_reached", "ordered pairs of nodes that ping each other, of 12"),
        ("frames_crossed", "frames seen by another environment"),
        ("move_lost_pings", "pings lost over the move, one every 10 ms"),
        ("move_gap_ms", "longest time without an answer"),
        ("move_downtime_ms", "how long the guest stood still"),
        ("tcp_kept", "the TCP connection into the node stayed open"),
        ("disk_intact", "every block written before and during its move is right"),
        ("recovered_from_server_kill", "the operation ended after the server was killed"),
        ("copies_running", "copies of the moved node that execute"),
        ("switchd_restored_s", "seconds from the switch's kill to traffic"),
        ("left_over", "processes, namespaces, cgroups, links, files left"),
    ];

    private readonly Dictionary<string, JsonNode?> _values = [];

    /// <summary>A figure; null while it is not known.</summary>
    public JsonNode? this[string name]
    {
        get => _values.GetValueOrDefault(name);
        set => _values[Names.Any(known => known.Name == name)
            ? name
            : throw new InvalidOperationException($"'{name}' is no figure of the demo.")] = value;
    }

    /// <summary>All figures as one JSON object, in order.</summary>
    public JsonObject ToJson() =>
        new(Names.Select(known => KeyValuePair.Create(known.Name, this[known.Name]?.DeepClone())));

    /// <summary>A number of seconds or milliseconds with one digit.</summary>
    public static JsonNode Round(double value) => JsonValue.Create(Math.Round(value, 1));
}
