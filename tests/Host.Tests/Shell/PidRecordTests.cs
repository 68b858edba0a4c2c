using VioActors.Daemon.Shell;

namespace VioActors.Host.Tests.Shell;

public sealed class PidRecordTests
{
    [Fact]
    public void A_command_with_brackets_and_spaces_is_read_right() => Assert.Equal(
        new PidRecord(7, 4242),
        PidRecord.ParseStat("7 (a) b) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 0"));

    [Fact]
    public void A_zombie_counts_as_gone() =>
        Assert.Null(PidRecord.ParseStat("7 (a) Z 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 0"));

    [Fact]
    public void Another_process_with_the_same_pid_is_not_the_same_process()
    {
        var self = PidRecord.Of(Environment.ProcessId)!.Value;
        Assert.True(self.IsAlive);
        Assert.False((self with { StartTicks = self.StartTicks + 1 }).IsAlive);
    }

    [Fact]
    public void A_record_survives_its_file_and_garbage_is_none()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("vio-test-").FullName, "record");
        new PidRecord(12, 34).Save(path);
        Assert.Equal(new PidRecord(12, 34), PidRecord.Load(path));
        File.WriteAllText(path, "12");
        Assert.Null(PidRecord.Load(path));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        Assert.Null(PidRecord.Load(path));
    }
}
