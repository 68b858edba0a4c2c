using VioActors.Daemon.Demo;
using VioActors.Daemon.Lab;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Tests.Demo;

public sealed class RemainsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("vio-test-");

    [Fact]
    public void Only_the_directory_of_a_simulated_demo_that_is_gone_is_removed()
    {
        var me = PidRecord.Of(Environment.ProcessId)!.Value;
        var running = Make("running", me);
        var killed = Make("killed", me with { StartTicks = me.StartTicks + 1 });
        var unknown = _directory.CreateSubdirectory(SimRemains.Prefix + "unknown").FullName;

        Assert.Equal([killed], SimRemains.Clear(_directory.FullName));

        Assert.True(Directory.Exists(running));
        Assert.True(Directory.Exists(unknown));
        Assert.False(Directory.Exists(killed));
    }

    [Fact]
    public void Only_the_lab_of_a_demo_whose_starter_is_gone_is_abandoned()
    {
        LabStatus[] labs =
        [
            Lab("demo0001", alive: false), Lab("demo0002", alive: true), Lab("demo3", alive: false),
            Lab("l00004", alive: false), new("demo0005", "starting", 0, "", []),
        ];

        Assert.Equal(["demo0001"], LabSite.Abandoned(labs));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static LabStatus Lab(string id, bool alive) =>
        new(id, "up", 2, "", [new LabProcessStatus(LabInstance.SupervisorRecord, 1, alive)]);

    private string Make(string name, PidRecord owner)
    {
        var made = _directory.CreateSubdirectory(SimRemains.Prefix + name).FullName;
        owner.Save(Path.Combine(made, SimRemains.Owner));
        return made;
    }
}
