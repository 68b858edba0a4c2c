using System.Text;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Lab;

/// <summary>
/// The lab's LAN: one namespace with a bridge, joined by a veth pair to every machine's namespace. Nothing of it
/// exists in the network the lab was started from, so two labs use the same addresses.
/// </summary>
internal sealed class LabNetwork(ProcessRunner runner)
{
    /// <summary>Where named network namespaces show.</summary>
    public const string NamespaceDirectory = "/run/netns";

    private const string NoIpv6 = "/proc/sys/net/ipv6/conf/default/disable_ipv6";

    /// <summary>Makes the namespaces, the bridge and the links.</summary>
    public async Task CreateAsync(LabPlan plan, CancellationToken cancel)
    {
        foreach (var name in plan.Machines.Select(machine => machine.Namespace).Prepend(plan.LanNamespace))
        {
            await runner.RunAsync(new ProcessCommand("ip", "netns", "add", name), cancel);
            if (File.Exists(NoIpv6))
            {
                await runner.RunAsync(
                    new ProcessCommand("nsenter", $"--net={NamespaceDirectory}/{name}", "tee", NoIpv6) { Input = "1" },
                    cancel);
            }
        }

        var lan = new StringBuilder("link set lo up\nlink add br0 type bridge\nlink set br0 up\n");
        foreach (var machine in plan.Machines)
        {
            lan.Append($"link add {machine.Name} type veth peer name eth0 netns {machine.Namespace}\n");
            lan.Append($"link set {machine.Name} alias {AliasOf(plan.Id)} master br0 up\n");
        }

        await BatchAsync(plan.LanNamespace, lan.ToString(), cancel);
        foreach (var machine in plan.Machines)
        {
            await BatchAsync(
                machine.Namespace,
                $"link set lo up\nlink set eth0 alias {AliasOf(plan.Id)} up\naddr add {machine.Address}/24 dev eth0\n",
                cancel);
        }
    }

    /// <summary>Removes every namespace of a lab, and with it its links.</summary>
    public async Task RemoveAsync(string id, CancellationToken cancel)
    {
        foreach (var name in Namespaces(id))
        {
            await runner.TryAsync(new ProcessCommand("ip", "netns", "del", name), cancel);
        }
    }

    /// <summary>The names of a lab's network namespaces that exist now.</summary>
    public static IReadOnlyList<string> Namespaces(string id) => Directory.Exists(NamespaceDirectory)
        ?
        [
            .. Directory.EnumerateFiles(NamespaceDirectory, LabPlan.PrefixOf(id) + "*")
                .Select(path => Path.GetFileName(path)),
        ]
        : [];

    /// <summary>The alias that links of a lab carry.</summary>
    public static string AliasOf(string id) => $"vio-lab-{id}";

    private Task BatchAsync(string name, string commands, CancellationToken cancel) =>
        runner.RunAsync(new ProcessCommand("ip", "-n", name, "-batch", "-") { Input = commands }, cancel);
}
