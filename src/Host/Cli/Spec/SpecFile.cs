using System.Collections.Immutable;
using VioActors.Contracts;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Reads an environment from YAML. Here only the form is checked, with line and column; whether the site can do it is
/// the server's to say.
/// </summary>
internal static class SpecFile
{
    private static readonly string[] EnvironmentKeys = ["name", "subnet", "readyTimeout", "network", "nodes", "limits"];

    private static readonly string[] NetworkKeys = ["gateway", "bootServer", "bootFile", "bootUrl", "duplicates"];

    private static readonly string[] NodeKeys =
        ["name", "image", "memory", "vcpus", "cpuWeight", "cpuQuota", "ip", "mac", "host", "apart", "together",
            "kernelArguments"];

    private static readonly string[] LimitKeys = ["between", "node", "rate"];

    /// <summary>Reads a file; <c>-</c> reads <paramref name="input"/>.</summary>
    /// <exception cref="SpecException">It is malformed.</exception>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static EnvironmentSpec Load(string path, TextReader input)
    {
        var (name, text) = YamlFile.Read(path, input);
        return Parse(name, text);
    }

    /// <summary>Reads the text of a file; <paramref name="file"/> is for messages.</summary>
    /// <exception cref="SpecException">It is malformed.</exception>
    public static EnvironmentSpec Parse(string file, string text)
    {
        var section = new YamlSection("an environment", YamlTree.Read(file, text), EnvironmentKeys);
        var nodes = section.List("nodes").Select(Node).ToList();
        var twice = nodes.GroupBy(pair => pair.Spec.Name).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw twice.Last().Place.Error(
                $"the node name '{twice.Key}' is there twice, first in line {twice.First().Place.Line}.",
                "Give every node its own name.");
        return new EnvironmentSpec
        {
            Name = section.Required("name"),
            Subnet = section.Required("subnet"),
            ReadyTimeoutSeconds = section.Measure("readyTimeout", 120, Units.Seconds),
            Network = section.Section("network", "a network", NetworkKeys) is { } network ? Network(network) : null,
            Nodes = nodes.Select(pair => pair.Spec).ToImmutableArray(),
            Limits = [.. section.ListOrNone("limits").Select(Limit)],
        };
    }

    private static NetworkOptions Network(YamlSection section) => new()
    {
        Gateway = section.Text("gateway"),
        BootServer = section.Text("bootServer"),
        BootFile = section.Text("bootFile"),
        BootUrl = section.Text("bootUrl"),
        Duplicates = section.Text("duplicates"),
    };

    private static (YamlPlace Place, NodeSpec Spec) Node(YamlValue value)
    {
        var section = new YamlSection("a node", value, NodeKeys);
        var spec = new NodeSpec
        {
            Name = section.Required("name"),
            Image = section.Required("image"),
            MemoryMiB = section.Measure("memory", 256, Units.MiB),
            Vcpus = section.Number("vcpus", 1, 1, 256),
            CpuWeight = section.Number("cpuWeight", 100, 1, 10_000),
            CpuQuotaPercent = section.Measure<int?>("cpuQuota", null, Units.Percent),
            Ip = section.Text("ip"),
            Mac = section.Text("mac"),
            Host = section.Text("host"),
            Apart = section.Text("apart"),
            Together = section.Text("together"),
            KernelArguments = section.Text("kernelArguments"),
        };
        return (section.PlaceOf("name"), spec);
    }

    private static LimitSpec Limit(YamlValue value)
    {
        var section = new YamlSection("a limit", value, LimitKeys);
        section.Required("rate");
        if (section.Text("node") is { } node)
        {
            return section.ListOrNone("between").Count == 0
                ? LimitSpec.Of(node, section.Measure("rate", 0, Units.Kbit))
                : throw section.PlaceOf("between").Error(
                    "A limit has 'between' or 'node', not both.", "Write two limits.");
        }

        var between = section.List("between");
        if (between.Count != 2 || between.Any(name => name is not YamlText { IsNull: false }))
            throw section.PlaceOf("between").Error("'between' must name two nodes.", "Write 'between: [n1, n2]'.");
        return new LimitSpec(
            [.. between.Cast<YamlText>().Select(name => name.Text)], section.Measure("rate", 0, Units.Kbit));
    }
}
