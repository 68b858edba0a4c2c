using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using VioActors.Daemon.Agent.Nodes;

namespace VioActors.Daemon.Agent.Moves;

/// <summary>
/// Compares the domain that a source wants to bring with the one that this host would start for the node. Both are
/// broken down to facts (element paths, attributes, texts). A fact may be missing or new only where it is listed here:
/// what libvirt adds by itself, what lies inside the guest only, and amounts that change while it runs. Files,
/// bridges, devices, security labels and the program to run are therefore always our own. libvirt's extensions, where
/// order matters, must be ours as a whole. Fails closed: a libvirt that adds something unknown has its move refused,
/// with the fact's name.
/// </summary>
internal static partial class IncomingXml
{
    private const int MaxCharacters = 1 << 20;
    private const int MaxDepth = 16;
    private const int MatchLimitMs = 1000;
    private const RegexOptions Options =
        RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline | RegexOptions.ExplicitCapture;

    // The weight's scale differs tenfold between the two versions of cgroups.
    private const int ScaleOfShares = 11;

    /// <summary>Why the domain may not come; null when it may.</summary>
    /// <param name="expected">Our own.</param>
    /// <param name="incoming">The source's.</param>
    public static string? Problem(string expected, string incoming)
    {
        // With a declaration another reader could take the same octets for another text.
        if (!incoming.StartsWith("<domain", StringComparison.Ordinal)) return "its XML does not begin with a domain";
        try
        {
            var (ours, theirs) = (Read(expected), Read(incoming));
            if (TakeExtensions(ours, theirs) is { } problem) return problem;
            return theirs.DescendantsAndSelf().FirstOrDefault(IsForeign) is { } foreign
                ? $"its XML has {foreign.Name}"
                : Difference(Facts(ours), Facts(theirs)) ?? Amounts(ours, theirs);
        }
        catch (Exception bad) when (bad is XmlException or RegexMatchTimeoutException)
        {
            return $"its XML cannot be read: {bad.Message}";
        }
    }

    private static XElement Read(string text)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = MaxCharacters,
        };
        using var reader = XmlReader.Create(new StringReader(text), settings);
        return XElement.Load(reader);
    }

    /// <summary>Extensions, such as free words on QEMU's command line, live in namespaces of their own.</summary>
    private static bool IsForeign(XElement element) =>
        element.Name.NamespaceName.Length > 0
        || element.Attributes().Any(one => one.IsNamespaceDeclaration || one.Name.NamespaceName.Length > 0);

    /// <summary>Takes out ours, which are then theirs too; others are foreign.</summary>
    private static string? TakeExtensions(XElement ours, XElement theirs)
    {
        var (own, others) = (Extensions(ours), Extensions(theirs));
        if (own.Length == 0) return null;
        if (own.Length != others.Length || !own.Zip(others).All(pair => XNode.DeepEquals(pair.First, pair.Second)))
            return $"its XML has other extensions than our {own[0].Name.LocalName}";
        foreach (var domain in (XElement[])[ours, theirs])
        {
            Extensions(domain).Remove();
            domain.Attributes()
                .Where(one => one.IsNamespaceDeclaration && one.Value == PortXml.Qemu.NamespaceName).Remove();
        }
        return null;
    }

    private static XElement[] Extensions(XElement domain) =>
        [.. domain.Elements().Where(one => one.Name.Namespace == PortXml.Qemu)];

    private static string? Difference(List<string> ours, List<string> theirs)
    {
        var serial = ours.Find(fact => fact.StartsWith("/devices/serial/source@path=", StringComparison.Ordinal));
        var console = serial?.Replace("/serial/", "/console/", StringComparison.Ordinal);
        foreach (var fact in ours)
            if (!theirs.Remove(fact) && !MayDiffer().IsMatch(fact))
                return $"its XML lacks {fact}";
        return theirs.Find(fact => !MayDiffer().IsMatch(fact) && !MayBeNew().IsMatch(fact) && fact != console)
            is { } more ? $"its XML has {more}" : null;
    }

    private static string? Amounts(XElement ours, XElement theirs)
    {
        if (KiB(theirs.Element("memory")) != KiB(ours.Element("memory")))
            return $"it has {KiB(theirs.Element("memory"))} KiB of memory";
        if (KiB(theirs.Element("currentMemory")) is not { } now || now > KiB(ours.Element("currentMemory")) + 1024)
            return $"it uses {KiB(theirs.Element("currentMemory"))} KiB of memory, more than is booked for it";
        var (tuned, tune) = (theirs.Element("cputune"), ours.Element("cputune"));
        if (tune is null) return tuned is null ? null : "it has a CPU weight, and this host has none";
        if (Number(tuned?.Element("shares")) is not { } shares
            || shares > Number(tune.Element("shares")) * ScaleOfShares)
            return "its CPU weight is another";
        return tune.Element("quota") is { } quota && (Number(tuned?.Element("quota")) != Number(quota)
                || Number(tuned?.Element("period")) != Number(tune.Element("period")))
            ? "its CPU quota is another"
            : null;
    }

    private static long? KiB(XElement? amount) => amount?.Attribute("unit")?.Value switch
    {
        "KiB" => Number(amount),
        "MiB" => Number(amount) * 1024,
        _ => null,
    };

    private static long? Number(XElement? element) =>
        int.TryParse(element?.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value : null;

    private static List<string> Facts(XElement domain)
    {
        var facts = new List<string>();
        Add(domain, "", 0);
        return facts;

        void Add(XElement element, string path, int depth)
        {
            if (depth > MaxDepth) throw new XmlException("it is nested too deeply");
            facts.Add(path);
            facts.AddRange(element.Attributes().Select(one => $"{path}@{one.Name}={one.Value}"));
            foreach (var text in element.Nodes().OfType<XText>().Where(one => one.Value.Trim().Length > 0))
                facts.Add($"{path}={text.Value}");
            foreach (var child in element.Elements()) Add(child, $"{path}/{child.Name}", depth + 1);
        }
    }

    // Amounts are compared as numbers; the command line and the CPU's features are the guest's own affair.
    [GeneratedRegex(
        """
        ^(
          /(memory|currentMemory)(@unit=.*|=\d+)?
          | /cputune(/(shares|period|quota)(=-?\d+)?)?
          | /os/cmdline(=.*)?
          | /cpu@check=\w+ | /cpu/model@fallback=\w+
          | /devices/controller(@(type=(usb|sata|pci)|index=\d+|model=(none|pcie-root|pcie-root-port)))?
        )\z
        """, Options, MatchLimitMs)]
    private static partial Regex MayDiffer();

    [GeneratedRegex(
        """
        ^(
          /vcpu@placement=static
          | /resource | /resource/partition(=/machine)?
          | /os/boot(@dev=hd)?
          | /features/(apic|pae)
          | /cpu/feature(@(policy=\w+|name=[\w.-]+))?
          | /clock(@offset=utc)?
          | /devices/emulator(=/usr/bin/qemu-system-x86_64)?
          | /devices/controller/(model(@name=pcie-root-port)?|target(@(chassis|port|hotplug)=\w+)?)
          | /devices/(disk|controller|interface|memballoon)/address(@\w+=[\w.:-]+)?
          | /devices/serial/target(@(type=isa-serial|port=0)|/model(@name=isa-serial)?)?
          | /devices/console(@type=file|/source(@append=on)?|/target(@(type=serial|port=0))?)?
          | /devices/input(@(type=(mouse|keyboard)|bus=ps2))?
          | /devices/audio(@(id=1|type=none))?
          | /devices/watchdog(@(model=itco|action=reset))?
          | /seclabel(@(type=dynamic|model=(dac|apparmor|selinux)|relabel=yes))?
        )\z
        """, Options, MatchLimitMs)]
    private static partial Regex MayBeNew();
}
