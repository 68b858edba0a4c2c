namespace VioActors.Simulation.DataCenter;

/// <summary>Machines on hosts while one decision is being made; starts from the view, which stays as it is.</summary>
internal sealed class Draft
{
    private readonly DataCenterView _view;
    private readonly List<int>[] _on;
    private readonly HostLoad[] _hosts;
    private readonly double[] _capped;
    private readonly HostLoad[] _vms;

    public Draft(DataCenterView view)
    {
        _view = view;
        _on = new List<int>[view.Hosts.Count];
        _hosts = new HostLoad[view.Hosts.Count];
        _capped = new double[view.Hosts.Count];
        _vms = new HostLoad[view.Vms.Count];
        for (var host = 0; host < _on.Length; host++)
        {
            _on[host] = [.. view.On(host)];
            foreach (var vm in _on[host]) _vms[vm] = LoadOf(vm);
            Sum(host);
        }
    }

    public IReadOnlyList<int> On(int host) => _on[host];

    public HostLoad Load(int host) => _hosts[host];

    public HostLoad With(int host, int vm) => _hosts[host].Plus(_vms[vm]);

    /// <summary>MIPS given on a host with all machines satisfied as far as one core can.</summary>
    public double Given(int host) => Math.Min(_capped[host], _view.Hosts[host].Mips);

    /// <summary>Whether a machine gets all it asks for now.</summary>
    public bool Fits(int vm, int host)
    {
        var type = _view.Hosts[host];
        return type.CoreMips >= _view.Demand(vm) && type.Mips - _capped[host] >= _view.Demand(vm);
    }

    public void Add(int vm, int host)
    {
        _on[host].Add(vm);
        Sum(host);
    }

    public void Remove(int vm, int host)
    {
        _on[host].Remove(vm);
        Sum(host);
    }

    // Anew and in order, so that the last bits do not depend on what was tried before: they decide ties.
    private void Sum(int host)
    {
        _hosts[host] = default;
        _capped[host] = 0;
        foreach (var vm in _on[host])
        {
            _hosts[host] = _hosts[host].Plus(_vms[vm]);
            _capped[host] += Math.Min(_view.Demand(vm), _view.Hosts[host].CoreMips);
        }
    }

    private HostLoad LoadOf(int vm)
    {
        if (_view.Samples < Regression.Window) return new HostLoad(_view.Demand(vm), 0, 0);
        var old = 0;
        for (var ago = Regression.Window - 1; ago < _view.Samples && old == 0; ago++)
            if (_view.Seen(vm, ago) != 0) old = 1;
        return new HostLoad(
            _view.Demand(vm), Regression.Next(ago => _view.Seen(vm, ago)) * _view.Vms[vm].Mips, old);
    }
}
