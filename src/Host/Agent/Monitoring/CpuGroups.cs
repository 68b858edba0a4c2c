using System.Globalization;
using VioActors.Contracts;

namespace VioActors.Daemon.Agent.Monitoring;

/// <summary>What the control groups of a machine say of its CPU.</summary>
/// <param name="QuotaPercent">Hard limit of all virtual CPUs together, in percent of one core; null is none.</param>
/// <param name="Weight">Weight, 100 is normal; null when it is not said.</param>
/// <param name="Throttled">Time withheld by the quota since the machine started; null when it is not said.</param>
internal sealed record CpuGroup(int? QuotaPercent, int? Weight, TimeSpan? Throttled)
{
    /// <summary>Nothing is said.</summary>
    public static CpuGroup Unknown { get; } = new(null, null, null);
}

/// <summary>
/// Reads the control groups that libvirt makes for a machine: one for the domain with its weight, below it one per
/// virtual CPU with its part of the quota. Version 1 (<c>cpu.shares</c>, <c>cpu.cfs_quota_us</c>) and 2
/// (<c>cpu.weight</c>, <c>cpu.max</c>), with and without systemd's scopes.
/// </summary>
/// <param name="root">Where the hierarchies are mounted, <c>/sys/fs/cgroup</c>.</param>
internal sealed class CpuGroups(string root)
{
    // libvirt writes its largest quota where some kernels have "no limit".
    private const long UnlimitedUs = 1_000_000_000;

    private readonly string[] _parents =
        [.. ((string[])["cpu", ""]).SelectMany(tree => ((string[])["machine", "machine.slice"])
            .Select(parent => Path.Combine(root, tree, parent)))];

    /// <summary>A machine's; <see cref="CpuGroup.Unknown"/> when it has none, or it ends just now.</summary>
    public CpuGroup Of(NodeId node)
    {
        try
        {
            return Find(node) is { } group ? Read(group) : CpuGroup.Unknown;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return CpuGroup.Unknown;
        }
    }

    private string? Find(NodeId node)
    {
        // systemd writes a dash inside a unit's name as \x2d.
        var names = (string[])[node.DomainName, node.DomainName.Replace("-", @"\x2d", StringComparison.Ordinal)];
        foreach (var parent in _parents.Where(Directory.Exists))
        {
            foreach (var group in names.SelectMany(name => Directory.EnumerateDirectories(parent, $"*{name}*")))
            {
                var inner = Path.Combine(group, "libvirt");
                if (Vcpus(group).Any()) return group;
                if (Directory.Exists(inner) && Vcpus(inner).Any()) return inner;
            }
        }
        return null;
    }

    private static CpuGroup Read(string group)
    {
        var (quota, limited) = (0L, true);
        TimeSpan? throttled = null;
        foreach (var vcpu in Vcpus(group))
        {
            limited &= QuotaPercent(vcpu) is { } percent && (quota += percent) >= 0;
            if (Throttled(vcpu) is { } time) throttled = (throttled ?? TimeSpan.Zero) + time;
        }
        return new CpuGroup(limited ? (int)Math.Min(quota, int.MaxValue) : null, Weight(group), throttled);
    }

    private static IEnumerable<string> Vcpus(string group) => Directory.EnumerateDirectories(group, "vcpu*");

    private static long? QuotaPercent(string group)
    {
        // Version 2 has both figures in one file, "max" for no quota; version 1 has -1 for none.
        var words = Text(group, "cpu.max")?.Split(' ')
            ?? [Text(group, "cpu.cfs_quota_us") ?? "", Text(group, "cpu.cfs_period_us") ?? ""];
        return words is [var quota, var period] && Number(quota) is { } us and > 0 && Number(period) is { } of and > 0
            && us < UnlimitedUs
            ? (long)Math.Round(us * 100.0 / of) : null;
    }

    private static int? Weight(string group) =>
        Number(Text(group, "cpu.weight")) is { } weight ? (int)Math.Clamp(weight, 1, 10_000)
        : Number(Text(group, "cpu.shares")) is { } shares
            ? (int)Math.Clamp(Math.Round(shares * 100.0 / 1024), 1, 10_000) : null;

    private static TimeSpan? Throttled(string group)
    {
        foreach (var line in (Text(group, "cpu.stat") ?? "").Split('\n'))
        {
            // Version 1 counts nanoseconds, version 2 microseconds.
            if (line.Split(' ') is not [var name, var value] || Number(value) is not { } number) continue;
            if (name == "throttled_time") return TimeSpan.FromTicks(number / 100);
            if (name == "throttled_usec") return TimeSpan.FromMicroseconds(number);
        }
        return null;
    }

    private static string? Text(string group, string file)
    {
        var path = Path.Combine(group, file);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
