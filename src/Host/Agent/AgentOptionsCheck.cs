using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Nodes;
using VioActors.Daemon.Agent.Switching;

namespace VioActors.Daemon.Agent;

/// <summary>Finds everything that is wrong with an agent's options, so that one correction is enough.</summary>
internal static partial class AgentOptionsCheck
{
    private const int LongestRunDirectory = 60;

    /// <summary>One sentence per error; empty when all is well.</summary>
    public static IReadOnlyList<string> Errors(AgentOptions options) =>
        [.. Values(options), .. Rights(options, Environment.IsPrivilegedProcess)];

    /// <summary>What does not fit the user that the agent runs as.</summary>
    /// <param name="options">The options.</param>
    /// <param name="isRoot">Whether that is root.</param>
    internal static IEnumerable<string> Rights(AgentOptions options, bool isRoot)
    {
        if (options.Hypervisor != "qemu" || !Uri.TryCreate(options.LibvirtUri, UriKind.Absolute, out _)) yield break;
        var isSession = LibvirtSocket.IsSession(options.LibvirtUri);
        if (isRoot && isSession)
            yield return $"libvirtUri '{options.LibvirtUri}' is for an agent that is not root: its machines would be.";
        if (isRoot) yield break;
        if (!isSession)
            yield return $"libvirtUri '{options.LibvirtUri}' needs an agent that is root; "
                + "another user's is qemu:///session.";
        if (options.NodePorts == PortXml.Joint)
            yield return "nodePorts joint needs an agent that is root, because it makes bridges; "
                + "another user's are stream or vhost-user.";
    }

    private static List<string> Values(AgentOptions options)
    {
        var errors = new List<string>();
        Require(NameRule.Accepts(options.Name), $"name '{options.Name}' {NameRule.Problem(options.Name)}.");
        Require(IsAbsolute(options.DataDirectory),
            $"dataDirectory '{options.DataDirectory}' must be an absolute path.");
        Require(
            IsAbsolute(options.RunDirectory) && Encoding.UTF8.GetByteCount(options.RunDirectory) <= LongestRunDirectory,
            $"runDirectory '{options.RunDirectory}' must be an absolute path of at most {LongestRunDirectory} octets.");
        Require(options.Hypervisor is "qemu" or "sim", $"hypervisor '{options.Hypervisor}' must be qemu or sim.");
        Require(Uri.TryCreate(options.LibvirtUri, UriKind.Absolute, out _),
            $"libvirtUri '{options.LibvirtUri}' must be a URI.");
        Require(
            PortXml.Kinds.Contains(options.NodePorts),
            $"nodePorts '{options.NodePorts}' must be {string.Join(", ", PortXml.Kinds)}.");
        Require(Word().IsMatch(options.QemuUser), $"qemuUser '{options.QemuUser}' must be a user's name.");
        Require(options.MemoryMiB >= 64, $"memoryMiB {options.MemoryMiB} must be 64 or more.");
        Require(options.Cores is >= 1 and <= 4096, $"cores {options.Cores} must be 1 to 4096.");
        Require(options.DiskMiB >= 0, $"diskMiB {options.DiskMiB} must be 0 or more.");
        Require(IsReachable(options.SwitchListen),
            $"switchListen '{options.SwitchListen}' must be ip:port, without wildcard.");
        Require(
            options.SwitchEndpoints.Count <= SwitchEndpoints.MostFurther && options.SwitchEndpoints.All(IsReachable),
            $"switchEndpoints '{string.Join("', '", options.SwitchEndpoints)}' must be at most "
            + $"{SwitchEndpoints.MostFurther} times ip:port, without wildcard.");
        Require(options.SwitchTcpListen is null || IsReachable(options.SwitchTcpListen),
            $"switchTcpListen '{options.SwitchTcpListen}' must be ip:port, without wildcard, or left out.");
        Require(IsReachable(options.MoveListen),
            $"moveListen '{options.MoveListen}' must be ip:port, without wildcard.");
        Require(
            options.Switchd is { Uid: > 0, Gid: > 0 },
            "switchd.uid and switchd.gid must be above 0: the switch never runs as root.");
        Require(
            !options.Switchd.UnsafeNoIsolation || SwitchdConfig.InLab,
            "switchd.unsafeNoIsolation is for the control of a lab's isolation test and for nothing else: remove it.");
        Require(options.Switchd.Lanes is null or >= 1 and <= 8, "switchd.lanes must be 1 to 8, or left out.");
        Require(Word().IsMatch(options.MachineType), $"machineType '{options.MachineType}' is no machine type.");
        Require(Word().IsMatch(options.CpuModel), $"cpuModel '{options.CpuModel}' is no CPU model.");
        Require(
            options.Accelerator is "auto" or "tcg" or "kvm",
            $"accelerator '{options.Accelerator}' must be auto, tcg or kvm.");
        Require(options.SampleSeconds is >= 1 and <= 60, $"sampleSeconds {options.SampleSeconds} must be 1 to 60.");
        return errors;

        void Require(bool holds, string otherwise)
        {
            if (!holds) errors.Add(otherwise);
        }
    }

    private static bool IsAbsolute(string path) => path is ['/', ..] && !path.Contains('\0');

    private static bool IsReachable(string text) =>
        text.Contains(':') && IPEndPoint.TryParse(text, out var point) && point.Port > 0
        && !point.Address.Equals(IPAddress.Any) && !point.Address.Equals(IPAddress.IPv6Any);

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$", RegexOptions.None, matchTimeoutMilliseconds: 100)]
    private static partial Regex Word();
}
