using VioActors.Actors.Adaptation.Planning;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>The hosts of each site that take nodes, by free CPU, so that no search looks at all of them.</summary>
internal sealed class VioRoom
{
    private readonly Assignment _assignment;
    private readonly SortedSet<(double Load, int Host)>[] _sites;
    private readonly double[] _known;

    internal VioRoom(Assignment assignment, int sites)
    {
        _assignment = assignment;
        _sites = new SortedSet<(double, int)>[sites];
        for (var i = 0; i < sites; i++) _sites[i] = [];
        _known = new double[assignment.Hosts.Count];
        for (var host = 0; host < _known.Length; host++)
        {
            _known[host] = Load(host);
            if (Open(host)) _sites[assignment.SiteOf[host]].Add((_known[host], host));
        }
    }

    /// <summary>Hosts of a site, those with the most free CPU first.</summary>
    internal IEnumerable<int> Emptiest(int site) => _sites[site].Select(one => one.Host);

    /// <summary>Must be called when a host's load has changed for good.</summary>
    internal void Changed(int host)
    {
        if (!Open(host)) return;
        var site = _sites[_assignment.SiteOf[host]];
        site.Remove((_known[host], host));
        _known[host] = Load(host);
        site.Add((_known[host], host));
    }

    // Rounded: what is left of sums and differences must not decide an order.
    private double Load(int host) =>
        Math.Round(_assignment.WishCores(host) - _assignment.Hosts[host].CpuCores, 6);

    private bool Open(int host) => !_assignment.Hosts[host].Closed && !_assignment.Hosts[host].Asleep;
}
