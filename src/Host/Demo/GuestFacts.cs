using System.Collections.Immutable;
using System.Globalization;

namespace VioActors.Daemon.Demo;

/// <summary>What a guest's test agent said on its serial line, from the lines that are still kept.</summary>
internal sealed record GuestFacts
{
    /// <summary>Addresses it reaches now; null when no kept line says.</summary>
    public ImmutableHashSet<string>? Reached { get; init; }

    /// <summary>How far its one TCP connection got; 0 before its first data.</summary>
    public long Tcp { get; init; }

    /// <summary>Whether that connection broke.</summary>
    public bool TcpBroken { get; init; }

    /// <summary>Blocks written and verified.</summary>
    public long Disk { get; init; }

    /// <summary>Checksums of the verified blocks, by how many they were.</summary>
    public ImmutableDictionary<long, string> DiskSums { get; init; } = ImmutableDictionary<long, string>.Empty;

    /// <summary>Checksums while one byte on the disk was changed on purpose, by how many blocks they were.</summary>
    public ImmutableDictionary<long, string> ChangedSums { get; init; } = ImmutableDictionary<long, string>.Empty;

    /// <summary>Whether a verification failed.</summary>
    public bool DiskBad { get; init; }

    /// <summary>Units of work in each of the last seconds, oldest first.</summary>
    public ImmutableArray<int> Work { get; init; } = [];

    /// <summary>MemTotal, KiB; 0 when no kept line says.</summary>
    public long MemoryKiB { get; init; }

    /// <summary>Datagrams of another environment that arrived.</summary>
    public int Crossed { get; init; }

    /// <summary>Broadcasts of its own environment that arrived.</summary>
    public long Heard { get; init; }

    /// <summary>Lines of work, for waiting on new ones.</summary>
    public int WorkLines { get; init; }

    /// <summary>Reads the lines that start with <c>VIO </c>; others are the kernel's.</summary>
    public static GuestFacts Parse(IEnumerable<string> lines)
    {
        var facts = new GuestFacts();
        foreach (var line in lines)
        {
            var words = line.TrimEnd('\r').Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && words[0] == "VIO") facts = facts.With(words[1], words[2..]);
        }

        return facts;
    }

    private GuestFacts With(string fact, string[] words) => fact switch
    {
        "reach" => this with { Reached = [.. words] },
        "tcp" => this with { Tcp = Number(words) },
        "tcp-broken" => this with { TcpBroken = true },
        "disk" => this with { Disk = Number(words), DiskSums = Sum(DiskSums, words) },
        "disk-control" => this with { ChangedSums = Sum(ChangedSums, words) },
        "disk-bad" => this with { DiskBad = true },
        "work" => this with { Work = Work.Add((int)Number(words)), WorkLines = WorkLines + 1 },
        "mem" => this with { MemoryKiB = Number(words) },
        "crossed" => this with { Crossed = Crossed + 1 },
        "heard" => this with { Heard = Number(words) },
        _ => this,
    };

    private static ImmutableDictionary<long, string> Sum(ImmutableDictionary<long, string> sums, string[] words) =>
        words.Length == 2 && Number(words) is > 0 and var blocks ? sums.SetItem(blocks, words[1]) : sums;

    private static long Number(string[] words) =>
        words.Length > 0 && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Math.Min(number, int.MaxValue)
            : 0;
}
