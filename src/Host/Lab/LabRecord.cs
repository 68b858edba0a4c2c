using System.Text.Json;

namespace VioActors.Daemon.Lab;

/// <summary>What a lab writes about itself, so that another process can show it and clean it.</summary>
internal sealed record LabRecord
{
    /// <summary>The lab's id.</summary>
    public required string Id { get; init; }

    /// <summary>Number of hosts.</summary>
    public required int Hosts { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Links of the machine's own network before the lab.</summary>
    public required IReadOnlyList<string> LinksBefore { get; init; }

    /// <summary>starting or up.</summary>
    public required string Phase { get; init; }

    /// <summary>Reads a lab's record; null when there is none or it is not whole.</summary>
    public static LabRecord? Load(string root)
    {
        try
        {
            return JsonSerializer.Deserialize<LabRecord>(File.ReadAllText(PathIn(root)));
        }
        catch (Exception absent) when (absent is IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the record; readers see the old or the new one.</summary>
    public void Save(string root)
    {
        File.WriteAllText(PathIn(root) + ".new", JsonSerializer.Serialize(this));
        File.Move(PathIn(root) + ".new", PathIn(root), overwrite: true);
    }

    private static string PathIn(string root) => Path.Combine(root, "lab.json");
}
