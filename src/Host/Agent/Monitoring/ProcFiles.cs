using System.Globalization;

namespace VioActors.Daemon.Agent.Monitoring;

/// <summary>Reads the kernel's figures of a host, <c>/proc</c>. Pure: text in, numbers out.</summary>
internal static class ProcFiles
{
    /// <summary>The kernel's unit of CPU time towards programs (USER_HZ) is a hundredth of a second.</summary>
    private const int TicksPerSecond = 100;

    private const int MostCpus = 8192;

    /// <summary>CPU time used and stolen of these processors, and how many of them there are.</summary>
    /// <param name="stat">/proc/stat.</param>
    /// <param name="cpus">Numbers of processors; null is all.</param>
    /// <exception cref="FormatException">It has none of them.</exception>
    public static (int Cores, TimeSpan Used, TimeSpan Stolen) Cpu(string stat, IReadOnlySet<int>? cpus)
    {
        var (cores, used, stolen) = (0, 0L, 0L);
        foreach (var words in Lines(stat))
        {
            if (!words[0].StartsWith("cpu", StringComparison.Ordinal)
                || !int.TryParse(words[0].AsSpan(3), CultureInfo.InvariantCulture, out var number)
                || cpus?.Contains(number) == false) continue;
            // user nice system idle iowait irq softirq steal; the time of guests is in user.
            var times = words.Skip(1).Take(8).Select(Number).Concat(Enumerable.Repeat(0L, 8)).ToArray();
            cores++;
            used += times[0] + times[1] + times[2] + times[5] + times[6];
            stolen += times[7];
        }
        return cores > 0 ? (cores, Time(used), Time(stolen))
            : throw new FormatException("/proc/stat names none of the processors this agent may use.");
    }

    /// <summary>The processors in /proc/self/status, a list such as <c>0-3,8</c>; null when it does not say.</summary>
    public static IReadOnlySet<int>? AllowedCpus(string status)
    {
        const string head = "Cpus_allowed_list:";
        if (Lines(status).FirstOrDefault(words => words[0] == head) is not [_, var list]) return null;
        var cpus = new HashSet<int>();
        foreach (var range in list.Split(','))
        {
            var ends = range.Split('-').Select(Number).ToArray();
            for (var cpu = ends[0]; cpu <= Math.Min(ends[^1], MostCpus); cpu++) cpus.Add((int)cpu);
        }
        return cpus;
    }

    /// <summary>Threads that run or want to, this reader not counted: the fourth figure of /proc/loadavg.</summary>
    public static double RunQueue(string loadavg) =>
        Lines(loadavg).FirstOrDefault() is { Length: > 3 } words
            ? Math.Max(0, Number(words[3].Split('/')[0]) - 1) : 0;

    /// <summary>Memory there is, memory to be had without swapping and swap in use, MiB.</summary>
    public static (long Total, long Available, long SwapUsed) Memory(string meminfo)
    {
        var kib = Lines(meminfo).Where(words => words.Length > 1)
            .DistinctBy(words => words[0]).ToDictionary(words => words[0], words => Number(words[1]));
        long MiB(string name) => kib.GetValueOrDefault(name) >> 10;
        return (MiB("MemTotal:"), MiB("MemAvailable:"), Math.Max(0, MiB("SwapTotal:") - MiB("SwapFree:")));
    }

    /// <summary>
    /// Bytes in and out of the interfaces in /proc/net/dev, but of loopback and of our own ports and bridges: what
    /// nodes send to each other on this host passes those only.
    /// </summary>
    public static (long Received, long Sent) Network(string dev)
    {
        var (received, sent) = (0L, 0L);
        foreach (var line in dev.Split('\n').Where(line => line.Contains(':')))
        {
            var name = line[..line.IndexOf(':')].Trim();
            if (name == "lo" || name.StartsWith("vio", StringComparison.Ordinal)) continue;
            var figures = Lines(line[(line.IndexOf(':') + 1)..]).FirstOrDefault() ?? [];
            if (figures.Length < 9) continue;
            received += Number(figures[0]);
            sent += Number(figures[8]);
        }
        return (received, sent);
    }

    private static IEnumerable<string[]> Lines(string text) =>
        text.Split('\n').Select(line => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 0);

    private static long Number(string word) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static TimeSpan Time(long ticks) => TimeSpan.FromTicks(ticks * (TimeSpan.TicksPerSecond / TicksPerSecond));
}
