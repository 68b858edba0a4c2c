using System.Text.Json;
using Spectre.Console;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;

namespace VioActors.Daemon.Cli;

/// <summary>The tables people see.</summary>
internal static class Tables
{
    private static readonly JsonSerializerOptions Pretty = new(JsonSerializerOptions.Web) { WriteIndented = true };

    /// <summary>A table with these columns and one row per item.</summary>
    public static Table Of<T>(IEnumerable<T> items, params (string Head, Func<T, string?> Cell)[] columns)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var (head, _) in columns)
            table.AddColumn(new TableColumn(Markup.Escape(head)).PadLeft(0).PadRight(2).NoWrap());
        foreach (var item in items)
            table.AddRow(columns.Select(column => new Text(Clean(column.Cell(item)))).ToArray());
        return table;
    }

    /// <summary>Environments.</summary>
    public static Table Environments(IEnumerable<EnvironmentView> environments) => Of(
        environments,
        ("NAME", one => one.Name), ("OWNER", one => one.Owner), ("STATUS", one => one.Status),
        ("SUBNET", one => one.Subnet),
        ("NODES", one => $"{one.Nodes.Count(node => node.Power == NodePower.Ready)}/{one.Nodes.Length} ready"),
        ("ID", one => one.Id.Value));

    /// <summary>Nodes.</summary>
    public static Table Nodes(IEnumerable<NodeView> nodes) => Of(
        nodes,
        ("NODE", node => $"{node.Environment}/{node.Name}"), ("POWER", node => Word(node.Power)),
        ("HOST", node => node.HostName),
        ("IP", node => node.Ip), ("MAC", node => node.Mac), ("IMAGE", node => node.Image),
        ("MEMORY", node => node.MemoryMiB == node.MaxMemoryMiB ? $"{node.MemoryMiB} MiB"
            : $"{node.MemoryMiB}/{node.MaxMemoryMiB} MiB"),
        ("CPU", Cpu), ("WHY", node => node.Why?.ToString()));

    /// <summary>Limits between nodes.</summary>
    public static Table Limits(IEnumerable<LimitSpec> limits) => Of(
        limits,
        ("LIMIT", one => one.Node is { } node ? $"of {node}" : "between " + string.Join(" and ", one.Between)),
        ("EACH WAY", one => Units.Bits(one.RateKbit * 1000.0) + "/s"));

    /// <summary>Operations.</summary>
    public static Table Operations(IEnumerable<OperationView> operations) => Of(
        operations,
        ("OPERATION", one => one.Id.Value), ("KIND", one => Word(one.Kind)), ("SUBJECT", one => one.Subject),
        ("PHASE", one => Word(one.Phase)), ("DONE", one => $"{one.Progress:P0}"), ("STEP", one => one.Step),
        ("BY", one => one.By), ("STARTED", one => $"{one.StartedAt:yyyy-MM-dd HH:mm:ss}Z"),
        ("WHY", one => one.Failure?.ToString()));

    /// <summary>Hosts.</summary>
    public static Table Hosts(IEnumerable<HostView> hosts) => Of(
        hosts,
        ("HOST", host => host.Name), ("STATUS", host => host.Status), ("HYPERVISOR", host => host.Facts?.Hypervisor),
        ("MEMORY", host => host.Facts is { } facts ? $"{host.BookedMemoryMiB}/{facts.MemoryMiB} MiB" : null),
        ("CPU", host => host.Facts is { } facts ? $"{host.BookedVcpus}/{facts.Cores}" : null),
        ("NODES", host => $"{host.Nodes.Length}"), ("ID", host => host.Id.Value));

    /// <summary>What a spec changes.</summary>
    public static Table Changes(IEnumerable<DiffLine> changes) =>
        Of(changes, ("", line => line.Change), ("WHAT", line => line.What), ("CHANGE", line => line.Detail));

    /// <summary>A document over several lines.</summary>
    public static string Indented(JsonElement document) => JsonSerializer.Serialize(document, Pretty);

    /// <summary>Names on the left, values on the right.</summary>
    public static Grid Facts(params (string Name, string? Value)[] facts)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var (name, value) in facts.Where(fact => fact.Value is not null))
            grid.AddRow(new Text(name), new Text(Clean(value)));
        return grid;
    }

    /// <summary>An enumeration's value as the API writes it.</summary>
    public static string Word<T>(T value) where T : struct, Enum =>
        System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>No control characters: what guests and servers say must not steer the terminal.</summary>
    public static string Clean(string? text) =>
        text is null ? "-" : string.Concat(text.Where(letter => !char.IsControl(letter) || letter == '\n'));

    private static string Cpu(NodeView node) =>
        $"{node.Vcpus} x{node.CpuWeight}{(node.CpuQuotaPercent is { } quota ? $" <= {quota}%" : "")}";
}
